namespace HealthShare.Hl7.Acknowledgements;

/// <summary>What became of a message, independent of the acknowledgement mode.</summary>
public enum Outcome
{
    /// <summary>Safely stored: AA, or CA in enhanced mode.</summary>
    Accepted,

    /// <summary>An error in the content; sending it again unchanged is of no use: AE, or CE in enhanced mode.</summary>
    Error,

    /// <summary>
    /// Refused: not acceptable in form, or not now; nothing in the content was judged: AR, or CR in enhanced mode.
    /// </summary>
    Rejected,
}

/// <summary>Which acknowledgement a sender asks for (HL7 v2, chapter 2, section 2.9).</summary>
public static class AcknowledgementCode
{
    /// <summary>
    /// The code of table 0008 to answer with, or null when the sender asked for no answer in this case. Both MSH-15 and MSH-16 empty is
    /// original mode (AA, AE, AR). Otherwise MSH-15 decides whether CA, CE or CR is sent; where it asks for nothing, MSH-16 decides
    /// whether AA, AE or AR is sent, so that a sender who waits for either gets one.
    /// </summary>
    /// <param name="outcome">What became of the message.</param>
    /// <param name="acceptCondition">MSH-15, table 0155; an unknown value counts as AL.</param>
    /// <param name="applicationCondition">MSH-16, table 0155; an unknown value counts as AL.</param>
    public static string? For(Outcome outcome, string acceptCondition, string applicationCondition)
    {
        var original = acceptCondition.Length == 0 && applicationCondition.Length == 0;
        var prefix = original ? "A" : Asks(acceptCondition, outcome) ? "C" : Asks(applicationCondition, outcome) ? "A" : null;
        return prefix is null ? null : prefix + outcome switch
        {
            Outcome.Accepted => "A",
            Outcome.Error => "E",
            _ => "R",
        };
    }

    private static bool Asks(string condition, Outcome outcome) => condition.ToUpperInvariant() switch
    {
        "" or "NE" => false,
        "ER" => outcome is not Outcome.Accepted,
        "SU" => outcome is Outcome.Accepted,
        _ => true,
    };
}
