"""Questions that a text on nutrition answers, the sample as well as a textbook."""

QUESTIONS = [
    "What are the macronutrients?",
    "How much energy does one gram of fat supply?",
    "What is the function of dietary fibre?",
    "Which vitamins are soluble in fat?",
    "What does iron do in the body?",
    "Why does the body need water?",
    "What is the role of calcium in bones?",
    "How are proteins digested?",
    "What are amino acids?",
    "What does vitamin C do?",
    "How is vitamin D made in the skin?",
    "What is the difference between saturated and unsaturated fat?",
    "What is the recommended intake of sodium?",
    "What happens when the body gets too little iodine?",
    "What is the glycemic index?",
    "How does the body store glucose?",
    "What is the basal metabolic rate?",
    "What is cholesterol?",
]

WORDINGS = ["{}", "Please tell me: {}", "In short: {}", "A learner asks: {}", "From the text: {}"]


def reworded(number: int) -> list[str]:
    """Five questions in words that no other round has: nothing can be remembered from one to the next."""
    return [WORDINGS[number % len(WORDINGS)].format(question) for question in QUESTIONS[:5]]
