namespace HealthShare.Policy.Decisions;

/// <summary>The stable codes of decisions, as they stand on the ledger; words are made where they are read.</summary>
public static class DecisionCodes
{
    private static readonly (Dimensions Dimension, string Code)[] MissCodes =
    [
        (Dimensions.Who, "who"), (Dimensions.Purpose, "purpose"), (Dimensions.Category, "category"),
        (Dimensions.Labels, "labels"), (Dimensions.Confidentiality, "confidentiality"), (Dimensions.Records, "records"),
        (Dimensions.Authors, "authors"), (Dimensions.Encounters, "encounters"), (Dimensions.Custodians, "custodians"),
        (Dimensions.DataPeriod, "dataPeriod"), (Dimensions.Except, "except"), (Dimensions.Period, "period"),
        (Dimensions.Waiting, "waiting"), (Dimensions.Uses, "uses"),
    ];

    /// <summary>The reason as a code, such as <c>permit.signed</c>.</summary>
    public static string CodeOf(DecisionReason reason) => reason switch
    {
        DecisionReason.OwnRecord => "permit.own_record",
        DecisionReason.SignedPermit => "permit.signed",
        DecisionReason.AttestedPermit => "permit.attested",
        DecisionReason.SignedDeny => "deny.signed",
        DecisionReason.AttestedDeny => "deny.attested",
        DecisionReason.Unreadable => "deny.unreadable",
        DecisionReason.Emergency => "permit.emergency",
        DecisionReason.EmergencyNever => "deny.emergency_never",
        DecisionReason.Suspended => "deny.suspended",
        DecisionReason.Erased => "deny.erased",
        _ => "deny.default",
    };

    /// <summary>
    /// What would change the outcome, as codes. <c>revoke</c>: taking back the deciding statement. <c>end</c>: its end.
    /// <c>deny</c> and <c>permit</c>: a new statement of that effect. <c>near.*</c>: the one dimension that kept some
    /// permit from matching. <c>never</c>: a deny that says <c>emergency: never</c>. <c>session</c>: the end of the emergency session.
    /// <c>reinstate</c>: the members' vote that ends a suspension.
    /// </summary>
    public static IReadOnlyList<string> ChangesOf(in Decision decision) => decision.Reason switch
    {
        DecisionReason.OwnRecord => ["deny"],
        DecisionReason.SignedPermit or DecisionReason.AttestedPermit => ["revoke", "deny", "end"],
        DecisionReason.SignedDeny or DecisionReason.EmergencyNever => ["revoke", "end"],
        DecisionReason.Emergency => ["never", "session"],
        DecisionReason.AttestedDeny => ["revoke", "end", "permit"],
        DecisionReason.Unreadable or DecisionReason.Erased => [],
        DecisionReason.Suspended => ["reinstate"],
        _ => ["permit", .. Near(decision.NearMisses)],
    };

    private static IEnumerable<string> Near(Dimensions misses) =>
        MissCodes.Where(miss => misses.HasFlag(miss.Dimension)).Select(miss => $"near.{miss.Code}");
}
