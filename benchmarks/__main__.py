"""`python -m benchmarks` (`make bench`) is `python -m benchmarks.run`."""

from benchmarks.run import main

raise SystemExit(main())
