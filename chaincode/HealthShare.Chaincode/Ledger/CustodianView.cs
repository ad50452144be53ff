namespace HealthShare.Chaincode.Ledger;

/// <summary>What a custodian counts permits by: its own list of credentials, its own clock, and waiting times of its own.</summary>
/// <param name="Channel">The channel's name, which every statement must be for.</param>
/// <param name="TrustedFrom">
/// From when the custodian counts a credential: <see cref="Always"/> for one that its staff enrolled or accepted, a time for one that
/// comes on its list when a waiting time is over; null for one that it does not count.
/// </param>
/// <param name="VouchedFrom">From when a signer that hospitals vouch for counts by the custodian's own clock; null where it does not.</param>
/// <param name="SeenAt">When the node saw the block that first wrote a key, by its own clock; null where it did not.</param>
/// <param name="BroadPermitWait">How long a broad permit waits here at least, whatever the channel's settings say.</param>
/// <param name="BroadPermitLength">Longest time that a permit lasts without being broad here; where the channel's is shorter, that one counts.</param>
public sealed record CustodianView(
    string Channel, Func<CredentialEntry, DateTimeOffset?> TrustedFrom, Func<VouchedEntry, DateTimeOffset?> VouchedFrom,
    Func<string, CancellationToken, Task<DateTimeOffset?>> SeenAt, TimeSpan BroadPermitWait, TimeSpan BroadPermitLength)
{
    /// <summary>No waiting time.</summary>
    public static readonly DateTimeOffset Always = DateTimeOffset.MinValue;
}
