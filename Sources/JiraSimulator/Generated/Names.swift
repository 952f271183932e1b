/// Words from which the generated site takes its names and texts.
enum Names {
    static let first = [
        "Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Keiko", "Lars",
        "Mina", "Noor", "Oskar", "Priya", "Quentin", "Rosa", "Selim", "Tamar", "Umut", "Vera", "Wanda", "Xenia",
        "Yusuf", "Zoë",
    ]
    static let last = [
        "Abel", "Brandt", "Costa", "Dogan", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Kaya",
        "Lindt", "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Rossi", "Sato", "Thiel", "Ueda", "Vogel", "Weber",
        "Yildiz", "Zimmer",
    ]
    static let zones = [
        "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Asia/Tokyo",
        "Australia/Sydney", "Europe/Istanbul",
    ]
    static let apps = ["Automation for Jira", "Git Integration", "Slack", "Forms", "Release Bot", "Chart Sync"]
    static let teams = [
        "platform", "payments", "mobile", "data", "design", "support", "security", "growth", "research", "field",
    ]
    static let subjects = [
        "login page", "invoice export", "search index", "mobile menu", "audit report", "price list", "data import",
        "mail template", "user profile", "release notes",
    ]
    static let verbs = ["Fix", "Improve", "Describe", "Test", "Replace", "Remove", "Speed up", "Translate"]
    static let remarks = [
        "Looks good to me.", "Can somebody else reproduce this?", "Moved to the next release.", "Done, please check.",
        "Waiting for an answer from the customer.", "See the attached \"log\".",
    ]
    static let files = ["screenshot.png", "server.log", "draft.pdf", "measurements.csv"]

    static let projects: [(key: String, name: String, typeKey: String)] = [
        ("WEB", "Web Shop", "software"), ("APP", "Mobile App", "software"), ("OPS", "Operations", "software"),
        ("HELP", "Help Desk", "service_desk"), ("DATA", "Data Platform", "software"),
        ("IDEA", "Product Ideas", "software"), ("MKT", "Marketing", "business"),
        ("SEC", "Security", "software"), ("HR", "People Team", "business"), ("LAB", "Research Lab", "software"),
        ("DOC", "Documentation", "software"), ("FIN", "Finance", "business"),
    ]

    static let statuses = [
        Named(id: "10000", name: "To Do"), Named(id: "3", name: "In Progress"), Named(id: "10002", name: "In Review"),
        Named(id: "10001", name: "Done"),
    ]
    static let types = [
        Named(id: "10004", name: "Bug"), Named(id: "10002", name: "Task"), Named(id: "10001", name: "Story"),
        Named(id: "10000", name: "Epic"),
    ]
    static let priorities = [
        Named(id: "1", name: "Highest"), Named(id: "2", name: "High"), Named(id: "3", name: "Medium"),
        Named(id: "4", name: "Low"), Named(id: "5", name: "Lowest"),
    ]
    static let done = Named(id: "10000", name: "Done")
}
