"""The interface for notebooks and programs; `from benchmark import compare` and so on.

A thin layer over what the commands call::

    compare, load_results    --> Results (results.py): frames, tables, figures, report
    train, evaluate          one agent in this process (single_agent.py)
    load_dataset, make_env, task_info    what a task consists of (task_parts.py)
"""
