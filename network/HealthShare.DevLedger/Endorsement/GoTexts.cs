namespace HealthShare.DevLedger.Endorsement;

/// <summary>Texts that a peer's libraries put into its errors.</summary>
internal static class GoTexts
{
    /// <summary>Bytes that are no message.</summary>
    public const string Malformed = "proto: cannot parse invalid wire-format data";
}
