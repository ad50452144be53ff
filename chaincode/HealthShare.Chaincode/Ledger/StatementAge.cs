namespace HealthShare.Chaincode.Ledger;

/// <summary>When a statement that lets more be read is fresh. Endorsers and auditors judge it alike.</summary>
public static class StatementAge
{
    /// <summary>How far a signer's clock may run ahead of the proposal's time.</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(1);

    /// <summary>True when it was issued longer before the proposal than the channel allows.</summary>
    /// <param name="issued">When the signer wrote it.</param>
    /// <param name="proposed">The proposal's time, in whole seconds.</param>
    /// <param name="settings">Settings of the channel.</param>
    public static bool IsTooOld(DateTimeOffset issued, DateTimeOffset proposed, ChannelSettings settings) =>
        proposed - issued > TimeSpan.FromSeconds(settings.PermitMaxAgeSeconds);

    /// <summary>True when it was issued after the proposal by more than a clock may be wrong.</summary>
    /// <param name="issued">When the signer wrote it.</param>
    /// <param name="proposed">The proposal's time, in whole seconds.</param>
    public static bool IsAhead(DateTimeOffset issued, DateTimeOffset proposed) => issued - proposed > MaxSkew;
}
