"""The ten questions that the katas answer."""

QUESTIONS = {
    "Q1": "How do algorithms make e-commerce search more accurate and recommendations better?",
    "Q2": "Which problems of e-commerce search are multi-task problems?",
    "Q3": "What are large models used for in e-commerce search?",
    "Q4": "What is multi-task learning?",
    "Q5": "What are its advantages?",
    "Q6": "How is it implemented?",
    "Q7": "Where is it used in e-commerce search?",
    "Q8": "Write a recommender by collaborative filtering.",
    "Q9": "Write a classifier of products by a convolutional network.",
    "Q10": "Write a recommender from the behaviour of users.",
}
