"""What both stores do alike: pure rules over values, so that neither can drift from the other."""
