using HealthShare.Vault.Content.Replicas;

namespace HealthShare.Node.Content.Keeping;

/// <summary>What a replica showed of a content.</summary>
public enum ReplicaState
{
    /// <summary>What was asked for came back and hashes to the CID.</summary>
    Held,

    /// <summary>It does not hold the content, or not all of it.</summary>
    Missing,

    /// <summary>What it holds does not hash to the CID, or has another length than the ledger says.</summary>
    Corrupt,

    /// <summary>It did not answer as it should: nothing is known.</summary>
    Unavailable,
}

/// <summary>One replica's answer for one content.</summary>
/// <param name="Replica">The replica.</param>
/// <param name="State">What it showed.</param>
/// <param name="Detail">Why it is not held, for people; null where it is.</param>
/// <param name="WasAsked">False where it was left alone, since it did not answer just before.</param>
internal sealed record ReplicaVerdict(IContentReplica Replica, ReplicaState State, string? Detail = null, bool WasAsked = true)
{
    /// <summary>True when this copy is gone or bad, which is not so where nothing is known.</summary>
    public bool IsLacking => State is ReplicaState.Missing or ReplicaState.Corrupt;
}

/// <summary>A content that is to be kept.</summary>
/// <param name="Cid">The content.</param>
/// <param name="Size">Its length by the ledger; null where it is not known.</param>
/// <param name="RecordId">The record; null for a content that is pinned here and no own record.</param>
/// <param name="RecordKey">The record's key on the ledger, by which its withdrawal is noticed; null where it is not known.</param>
internal sealed record KeptContent(Vault.Content.Cid Cid, long? Size, string? RecordId, byte[]? RecordKey);
