"""What people write to each other in the demo: each exchange is said in turns."""

BETWEEN_TWO = (
    (
        "Morning! Did you get a chance to look at the pricing draft?",
        "Yes, last night. The tiers are clear, the table on page two is not.",
        "Agreed. I will split it into monthly and yearly.",
        "That helps. Send it again and I will sign it off.",
    ),
    (
        "The customer in Lisbon asks whether we can export to CSV.",
        "We can, from the list of documents. Which columns do they need?",
        "Title, author and the last change.",
        "Then it works today. I will send them the steps.",
        "Perfect, thank you!",
    ),
    (
        "Are you in the office on Thursday?",
        "From ten on. Why?",
        "I would like to go through the onboarding with you before the new people come.",
        "Good idea. Let us take the small room at eleven.",
        "Booked.",
    ),
    (
        "I cannot open the report you shared, it says not found.",
        "Strange. I shared it with the team, are you in it?",
        "Probably not yet.",
        "I have added you. Try again?",
        "Works now.",
    ),
    (
        "Quick question: who approves travel this month?",
        "Robin does, until the end of the month.",
        "Thanks, I will ask there.",
    ),
    (
        "The build is red again.",
        "Mine? Give me a minute.",
        "It is the migration test on PostgreSQL.",
        "Found it, an index name is too long. Fix is on its way.",
        "Green. That was quick!",
    ),
    (
        "How was the interview?",
        "Very good. She asked better questions than I did.",
        "So we invite her again?",
        "Definitely. Next week, with the whole team.",
    ),
    (
        "Could you send me the figures for October?",
        "They are in the budget folder, second sheet.",
        "I see them. Is the refund of the 14th in there?",
        "No, it was booked in November.",
        "That explains the difference. Thanks!",
    ),
    (
        "I moved our call to 15:30, the other one takes longer.",
        "Fine with me.",
        "Same link.",
    ),
    (
        "Have you seen the incident from last night?",
        "Only the alert. What was it?",
        "The disk of the backup was full. No data was lost.",
        "Good. Do we have a note about it?",
        "I am writing it now, you will get it for review.",
        "Looking forward to it, as far as one can.",
    ),
    (
        "Happy birthday!",
        "Thank you! There is cake in the kitchen.",
        "On my way.",
    ),
    (
        "The new dashboard looks great on my phone.",
        "Thanks! The chart still jumps when one turns it.",
        "I noticed, but only because I looked for it.",
        "It is on the list for Friday.",
    ),
)

AMONG_MANY = (
    (
        "Reminder: the planning of the quarter is tomorrow at ten.",
        "I will be ten minutes late, please begin without me.",
        "Could we move the roadmap to the end?",
        "Yes, done. The agenda is in the document.",
        "Thanks, see you tomorrow.",
    ),
    (
        "We are ready for the release. Any objections?",
        "None from support.",
        "Tests are green on both databases.",
        "Then let us go at two.",
        "It is out. Everything looks normal.",
        "Well done, everybody!",
    ),
    (
        "Three customers asked about two-factor sign-in this week.",
        "It is on the roadmap for the spring.",
        "Can I tell them so?",
        "Yes, without a date please.",
    ),
    (
        "The office is closed on Friday afternoon, they repair the heating.",
        "All of it or only our floor?",
        "All of it. Take your things along if you want to work at home.",
        "Thanks for the warning.",
    ),
    (
        "Who has the adapter of the meeting room?",
        "It was on my desk, sorry. It is back.",
        "Thank you!",
    ),
    (
        "First draft of the annual report is in the folder. Comments until Wednesday, please.",
        "Reading it now. The summary is strong.",
        "Page five still has the figures of last year.",
        "Good catch, corrected.",
        "I have added two lines about support.",
    ),
    (
        "The numbers of the last month are there: the best October so far.",
        "Great! Which region?",
        "The north, by far.",
        "That is the campaign, I think.",
        "I will bring a chart to the meeting.",
    ),
    (
        "Please say hello to our two new colleagues, they start on Monday.",
        "Welcome!",
        "Welcome on board!",
        "Looking forward to working with you.",
    ),
)

IN_THE_END = (
    (
        "Could you have a look at this before noon?",
        "Which one do you mean?",
        "The last page of it.",
    ),
    ("Do we still meet today?", "I think so.", "Then I bring the printouts."),
    ("I have sent you the new version.", "Got it, I will read it tonight.", "No hurry."),
    ("One more thing for tomorrow.", "Yes?", "We need somebody for the demo. Would you?"),
)
