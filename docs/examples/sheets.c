/* Charged sheets by leapfrog: a solver of gaussian_ensemble that shares no line with kineticbench.
 *
 *     dq/dt = p,    dp/dt = E(q) = Q (Σ_{q_j < q} w_j + w/2 − M/2) − Q M/L (q − q̄),    q ∈ [0, L) periodic,  M = Σ w
 *
 * E is the exact field of the sheets before their neutralising background. Kick, drift, kick; the error falls with the
 * step, since the force jumps where sheets cross.
 *
 *     h5cc -O2 sheets.c -o sheets -lm
 *     cp problem.h5 answer.h5 && ./sheets answer.h5 [steps from one time to the next]
 *
 * The file is an exported problem. For every time that is asked for beyond the start an iteration is added, a copy of
 * the first with other numbers in it; then the group that says who solved it.
 */
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PLASMA "particles/plasma"

static void require(int good, const char *what) {
    if (!good) {
        fprintf(stderr, "sheets: %s\n", what);
        exit(1);
    }
}

static double number(hid_t file, const char *object, const char *attribute) {
    double value;
    hid_t it = H5Aopen_by_name(file, object, attribute, H5P_DEFAULT, H5P_DEFAULT);
    require(it >= 0 && H5Aread(it, H5T_NATIVE_DOUBLE, &value) >= 0, attribute);
    H5Aclose(it);
    return value;
}

static double *numbers(hid_t file, const char *data_set, size_t *count) {
    hid_t it = H5Dopen2(file, data_set, H5P_DEFAULT);
    require(it >= 0, data_set);
    hid_t space = H5Dget_space(it);
    *count = (size_t)H5Sget_simple_extent_npoints(space);
    double *values = malloc(*count * sizeof *values);
    require(values && H5Dread(it, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0, data_set);
    H5Sclose(space);
    H5Dclose(it);
    return values;
}

static void overwrite(hid_t file, const char *data_set, const double *values) {
    hid_t it = H5Dopen2(file, data_set, H5P_DEFAULT);
    require(it >= 0 && H5Dwrite(it, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0, data_set);
    H5Dclose(it);
}

static void put_number(hid_t group, const char *name, double value) {
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t it = H5Acreate2(group, name, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT);
    require(it >= 0 && H5Awrite(it, H5T_NATIVE_DOUBLE, &value) >= 0, name);
    H5Aclose(it);
    H5Sclose(space);
}

static void put_text(hid_t group, const char *name, const char *text) {
    hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR); /* of fixed length: others are refused */
    H5Tset_size(type, strlen(text));
    hid_t it = H5Acreate2(group, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    require(it >= 0 && H5Awrite(it, type, text) >= 0, name);
    H5Aclose(it);
    H5Sclose(space);
    H5Tclose(type);
}

typedef struct {
    double q;
    size_t who;
} Sheet;

static int by_position(const void *a, const void *b) {
    double left = ((const Sheet *)a)->q, right = ((const Sheet *)b)->q;
    return (left > right) - (left < right);
}

/* p += dt E(q) for the n sheets of one case, each of weight w */
static void kick(size_t n, const double *q, double *p, double w, double length, double charge, double dt, Sheet *order) {
    double mean = 0.0, mass = w * (double)n;
    for (size_t i = 0; i < n; i++) {
        order[i].q = q[i];
        order[i].who = i;
        mean += q[i] / (double)n;
    }
    qsort(order, n, sizeof *order, by_position);
    for (size_t rank = 0; rank < n; rank++) {
        double field = charge * (w * ((double)rank + 0.5) - 0.5 * mass) - charge * mass / length * (order[rank].q - mean);
        p[order[rank].who] += dt * field;
    }
}

static void drift(size_t n, double *q, const double *p, double length, double dt) {
    for (size_t i = 0; i < n; i++) {
        q[i] = fmod(q[i] + dt * p[i], length);
        if (q[i] < 0.0) q[i] += length;
        if (q[i] >= length) q[i] = 0.0; /* a tiny negative number plus L may round to L */
    }
}

int main(int count, char **words) {
    require(count >= 2, "usage: sheets FILE [STEPS]");
    int steps = count > 2 ? atoi(words[2]) : 100;
    require(steps > 0, "STEPS must be a positive number");
    hid_t file = H5Fopen(words[1], H5F_ACC_RDWR, H5P_DEFAULT);
    require(file >= 0, "the file cannot be opened");

    double length = number(file, "kineticbench/equation", "length");
    double charge = number(file, "kineticbench/equation", "charge");
    size_t cases = (size_t)number(file, "kineticbench", "cases");
    double w = number(file, "data/0/" PLASMA "/weighting", "value"); /* all alike in this dataset */
    size_t times, total;
    double *time_of = numbers(file, "kineticbench/query/times", &times);
    double *q = numbers(file, "data/0/" PLASMA "/position/x", &total);
    double *p = numbers(file, "data/0/" PLASMA "/momentum/x", &total);
    size_t n = total / cases;
    Sheet *order = malloc(n * sizeof *order);
    require(order && time_of[0] == 0.0, "the first time should be that of the start");

    double seconds = 0.0;
    for (size_t k = 1; k < times; k++) {
        struct timespec begin, end;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        double dt = (time_of[k] - time_of[k - 1]) / steps;
        for (size_t c = 0; c < cases; c++)
            for (int step = 0; step < steps; step++) {
                kick(n, q + c * n, p + c * n, w, length, charge, 0.5 * dt, order);
                drift(n, q + c * n, p + c * n, length, dt);
                kick(n, q + c * n, p + c * n, w, length, charge, 0.5 * dt, order);
            }
        clock_gettime(CLOCK_MONOTONIC, &end);
        seconds += (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);

        char name[96];
        snprintf(name, sizeof name, "data/%zu", k);
        require(H5Ocopy(file, "data/0", file, name, H5P_DEFAULT, H5P_DEFAULT) >= 0, name);
        hid_t iteration = H5Gopen2(file, name, H5P_DEFAULT);
        require(iteration >= 0 && H5Adelete(iteration, "time") >= 0, "time");
        put_number(iteration, "time", time_of[k]);
        H5Gclose(iteration);
        snprintf(name, sizeof name, "data/%zu/" PLASMA "/position/x", k);
        overwrite(file, name, q);
        snprintf(name, sizeof name, "data/%zu/" PLASMA "/momentum/x", k);
        overwrite(file, name, p);
    }

    char setting[64], parameters[64];
    snprintf(setting, sizeof setting, "%d steps", steps);
    snprintf(parameters, sizeof parameters, "{\"steps\": %d}", steps);
    hid_t solver = H5Gcreate2(file, "kineticbench/solver", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    require(solver >= 0, "the file has been answered already");
    put_text(solver, "name", "sheets_in_c");
    put_text(solver, "version", "1.0");
    put_text(solver, "setting", setting);
    put_text(solver, "parameters", parameters);
    put_text(solver, "author", "The authors of kineticbench");
    put_text(solver, "licence", "MIT");
    put_text(solver, "hardware", "the machine of this example, 1 core");
    put_number(solver, "solveSeconds", seconds);
    H5Gclose(solver);
    H5Fclose(file);
    printf("%zu cases of %zu sheets, %zu times, %g s\n", cases, n, times, seconds);
    return 0;
}
