namespace HealthShare.DevLedger.Network;

/// <summary>Endorsement policies that need not be written out.</summary>
internal static class EndorsementPolicies
{
    /// <summary>More than half of the peers of these organizations.</summary>
    public static string Majority(IReadOnlyCollection<string> mspIds) =>
        $"OutOf({(mspIds.Count / 2) + 1}, {string.Join(", ", mspIds.Select(mspId => $"'{mspId}.peer'"))})";
}
