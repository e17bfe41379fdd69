"""One of several processes that train together.

    torchrun --nproc_per_node 2 -m openaisle.learning.training.worker RUN

RUN is the folder that `openaisle train` wrote the job into; on several machines it must be a folder that all of them
see. The first process leaves the trained head in RUN/trained.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from openaisle.errors import OpenAisleError
from openaisle.learning.training.finished import write_trained
from openaisle.learning.training.job import read_job
from openaisle.learning.training.opening import begin
from openaisle.learning.training.processes import is_first, report_failure, tell_parent
from openaisle.learning.training.run import run_training


def main() -> int:
    """Train; the exit status is 1 for an error, which is written into the run's folder."""
    parser = argparse.ArgumentParser(description="One process of a training that several share.")
    parser.add_argument("run", type=Path, help="the folder of the run")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    stated = parser.parse_args()
    try:
        _train(stated.run, resume=stated.resume)
    except OpenAisleError as error:
        report_failure(stated.run, error)
        return 1
    return 0


def _train(run: Path, *, resume: bool) -> None:
    job = read_job(run)
    head = begin(job.recipe, job.data).head
    trained = run_training(head, job.data, job.recipe, run, tell=tell_parent, resume=resume)
    if is_first():
        write_trained(trained, job.trained)


if __name__ == "__main__":
    sys.exit(main())
