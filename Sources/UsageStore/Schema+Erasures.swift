extension Schema {
    /// How many erasures there have been, in another place than they are: of a damaged file it tells whether all were read.
    static let erasures = """
        ALTER TABLE privacyState ADD COLUMN erasures INTEGER NOT NULL DEFAULT 0 CHECK (erasures >= 0);
        \(erasuresCounted)
        CREATE TRIGGER erasureCounted AFTER INSERT ON erasedAccount BEGIN
            UPDATE privacyState SET erasures = erasures + 1;
        END;
        """

    /// Counts what is there.
    static let erasuresCounted = "UPDATE privacyState SET erasures = (SELECT count(*) FROM erasedAccount);"
}
