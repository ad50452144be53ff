namespace HealthShare.Node.Keys;

/// <summary>What a stored secret is for; bound to its wrapped form, so that none can stand in for another.</summary>
internal static class SecretPurpose
{
    /// <summary>The node's own random secret; the only id is <c>node</c>. Subkeys are derived from it.</summary>
    public const string Root = "root";

    /// <summary>A private sealing key; id is the key id, <c>sk-…</c>.</summary>
    public const string SealingKey = "sealing-key";

    /// <summary>The data key of one own record; id is the record id.</summary>
    public const string RecordKey = "record-key";

    /// <summary>A patient's label key; id is the patient id.</summary>
    public const string LabelKey = "label-key";

    /// <summary>The data key of another member's record; id is access id, slash, record id.</summary>
    public const string ReceivedKey = "received-key";

    /// <summary>What a webhook signs with; id is the webhook's.</summary>
    public const string Webhook = "webhook";
}
