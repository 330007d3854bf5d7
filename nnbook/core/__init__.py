"""The mathematics and nothing else: formulas on arrays, activations, costs, penalties, passes, and the network."""
