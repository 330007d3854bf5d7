"""Training: the loop, optimisers, schedules, callbacks, checkpoints, and many machines."""
