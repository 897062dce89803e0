"""What the evidence says about the model: calibration, posterior, qualification, headlines with bands."""
