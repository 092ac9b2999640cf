"""What an answer rests on, all of it read from `Found`: quotations, doubt, and the support of each sentence."""
