import JiraSimulator
import Testing

@Suite("Dates of JQL mean the caller's zone")
struct JQLDateTests {
    private func dates(_ zone: String, now: String = "2026-07-01T12:00:00Z") throws -> JQLDates {
        JQLDates(zone: try #require(Zone(identifier: zone)), now: try #require(Moment(text: now)))
    }

    private func text(_ literal: String, quoted: Bool = true, in dates: JQLDates) throws -> String {
        try dates.moment(.value(literal, isQuoted: quoted), field: "updated").rfc3339
    }

    @Test(
        "All four formats, read in the zone",
        arguments: [
            ("2026-03-01 09:30", "2026-03-01T14:30:00.000Z"), ("2026/03/01 09:30", "2026-03-01T14:30:00.000Z"),
            ("2026-03-01", "2026-03-01T05:00:00.000Z"), ("2026/07/01", "2026-07-01T04:00:00.000Z"),
        ])
    func formats(literal: String, expected: String) throws {
        #expect(try text(literal, in: dates("America/New_York")) == expected)
    }

    @Test(
        "Periods count back from now, whatever the zone",
        arguments: [
            ("-90d", "2026-04-02T12:00:00.000Z"), ("-4w 2d", "2026-06-01T12:00:00.000Z"),
            ("-12h", "2026-07-01T00:00:00.000Z"), ("-30m", "2026-07-01T11:30:00.000Z"),
            ("+1d", "2026-07-02T12:00:00.000Z"), ("2d", "2026-07-03T12:00:00.000Z"),
        ])
    func periods(literal: String, expected: String) throws {
        #expect(try text(literal, in: dates("Asia/Tokyo")) == expected)
    }

    @Test("Digits without quotes are epoch milliseconds; in quotes they are no date")
    func epoch() throws {
        let dates = try dates("UTC")
        #expect(try text("1719792000123", quoted: false, in: dates) == "2024-07-01T00:00:00.123Z")
        #expect(try text("0", quoted: false, in: dates) == "1970-01-01T00:00:00.000Z")
        #expect(throws: JQLError.self) { try text("1719792000123", in: dates) }
    }

    @Test("The hour that autumn repeats is its first; the hour that spring leaves out is moved on")
    func summerTime() throws {
        let berlin = try dates("Europe/Berlin")
        #expect(try text("2026-10-25 02:30", in: berlin) == "2026-10-25T00:30:00.000Z")
        #expect(try text("2026-10-25 03:00", in: berlin) == "2026-10-25T02:00:00.000Z")
        #expect(try text("2026-03-29 02:30", in: berlin) == "2026-03-29T01:30:00.000Z")
        #expect(try text("2026-03-29 01:59", in: berlin) == "2026-03-29T00:59:00.000Z")
    }

    @Test(
        "What is no date is refused in Jira's words",
        arguments: [
            "soon", "2026-02-30", "2026-13-01", "2026-03-01T09:30", "2026-03-01 25:00", "2026-03-01 09:30 +0000", "-5y",
            "",
        ])
    func refused(literal: String) throws {
        let dates = try dates("UTC")
        let error = #expect(throws: JQLError.self) { try text(literal, in: dates) }
        #expect(error?.message.hasPrefix("Date value '\(literal)' for field 'updated' is invalid.") == true)
    }

    @Test("updatedBy knows whole days only: finer periods are rounded up, days begin at midnight in the zone")
    func days() throws {
        let dates = try dates("America/New_York", now: "2026-07-01T02:00:00Z")
        #expect(dates.day("-1d")?.rfc3339 == "2026-06-29T04:00:00.000Z")
        #expect(dates.day("-36h")?.rfc3339 == "2026-06-28T04:00:00.000Z")
        #expect(dates.day("2026/01/15")?.rfc3339 == "2026-01-15T05:00:00.000Z")
        #expect(dates.day("yesterday") == nil)
    }

    @Test(
        "REST instants carry the zone's offset without a colon, and are read back",
        arguments: [
            ("2021-01-17T12:34:00.000+0000", "2021-01-17T12:34:00.000Z"),
            ("2021-04-01T08:52:27.109+0800", "2021-04-01T00:52:27.109Z"),
            ("2026-03-26T16:00Z", "2026-03-26T16:00:00.000Z"), ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
        ])
    func instants(text: String, expected: String) {
        #expect(Moment(text: text)?.rfc3339 == expected)
    }
}
