"""Workers know where things are and how to compute, and no secrets."""

from __future__ import annotations

import pytest

from kineticbench.engine.inherited import inherited

SECRETS = (
    "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "GITHUB_TOKEN", "GH_TOKEN", "SSH_AUTH_SOCK", "HF_TOKEN", "PGPASSWORD",
    "DOCKER_AUTH_CONFIG", "HTTPS_PROXY", "http_proxy", "PIP_INDEX_URL", "DATABASE_URL", "KUBECONFIG", "NETRC",
    "OPENAI_API_KEY", "KINETICBENCH_TOKEN", "JAX_API_KEY", "CUDA_SECRET", "TORCH_PASSWORD", "NCCL_CREDENTIALS",
    "TF_VAR_db_pass", "TF_VAR_dbkey", "TF_API_CREDS", "JAX_PASS", "KINETICBENCH_DEPLOYKEY", "MKL_PASSPHRASE",
)  # fmt: skip
NEEDED = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "OMP_NUM_THREADS",
    "XLA_FLAGS", "JAX_PLATFORMS", "CUDA_VISIBLE_DEVICES", "KINETICBENCH_CACHE", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME",
)  # fmt: skip


def test_secrets_are_left_behind_and_what_is_needed_is_not():
    given = {name: name.lower() for name in (*SECRETS, *NEEDED)}
    assert inherited(given) == {name: name.lower() for name in NEEDED}


@pytest.mark.parametrize("place", ["fit", "top"])
def test_a_solver_sees_no_planted_secret(lab, monkeypatch, place):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    monkeypatch.setenv("KINETICBENCH_NOTE", "kept")
    look = "assert 'planted' not in os.environ.values() and os.environ['KINETICBENCH_NOTE'] == 'kept'"
    keeper = "assert b'planted' not in open(f'/proc/{os.getppid()}/environ', 'rb').read()"
    record = lab.run(lab.solver("curious", **{place: f"{look}; {keeper}"}))["curious"]
    assert (record.state, record.reason) == ("ok", None)
