"""Measures the answers on folders of questions, as `bench.matching.sets` says."""

from bench.matching.sets import main

if __name__ == "__main__":
    main()
