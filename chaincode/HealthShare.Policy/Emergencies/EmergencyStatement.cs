namespace HealthShare.Policy.Emergencies;

/// <summary>What two members of a hospital's staff sign to break the glass: one patient, one role, for a time.</summary>
/// <param name="Channel">Channel that it is for; no other accepts it.</param>
/// <param name="Id">Id of the session, <c>em-…</c>; never used twice.</param>
/// <param name="Patient">The patient, <c>pt-…</c>.</param>
/// <param name="Member">MSP id of the hospital.</param>
/// <param name="Role">Role that may read in the session.</param>
/// <param name="Reason">Why.</param>
/// <param name="Issued">When it was written, by the hospital's clock.</param>
/// <param name="NotAfter">First instant at which the session is over.</param>
public sealed record EmergencyStatement(
    string Channel, string Id, string Patient, string Member, string Role, EmergencyReason Reason, DateTimeOffset Issued,
    DateTimeOffset NotAfter)
{
    /// <summary>The version that this code reads and writes.</summary>
    public const int Version = 1;

    /// <summary>Largest statement in bytes of its canonical form.</summary>
    public const int MaxBytes = 2048;

    /// <summary>The role that the first of the two signers has.</summary>
    public const string DeclaringRole = "physician";

    /// <summary>How long a session lasts where nobody says otherwise.</summary>
    public static readonly TimeSpan DefaultLength = TimeSpan.FromHours(4);
}

/// <summary>Why the glass is broken. The words stay at the hospital; the channel holds what they can be held against.</summary>
/// <param name="Code">One of <see cref="Codes"/>.</param>
/// <param name="Commitment">SHA-256 over a salt of 16 bytes and the words in UTF-8, base64url.</param>
public sealed record EmergencyReason(string Code, string Commitment)
{
    /// <summary>Danger to life or limb.</summary>
    public const string LifeThreat = "lifeThreat";

    /// <summary>The patient is unconscious or otherwise cannot be asked.</summary>
    public const string CannotConsent = "cannotConsent";

    /// <summary>Something else, as the words say.</summary>
    public const string Other = "other";

    /// <summary>The codes that there are.</summary>
    public static IReadOnlyList<string> Codes { get; } = [LifeThreat, CannotConsent, Other];
}
