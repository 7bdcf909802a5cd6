"""Names and figures in running text: by rules everywhere, with a trained model where the extra is."""
