using HealthShare.Vault.Content.Replicas;

namespace HealthShare.Node.Content.Keeping;

/// <summary>Every place that is to hold this member's contents.</summary>
/// <param name="Own">This node's own store.</param>
/// <param name="Others">The others, each with a name of its own.</param>
internal sealed record Replicas(IWritableReplica Own, IReadOnlyList<IContentReplica> Others)
{
    /// <summary>Name of the own store.</summary>
    public const string OwnName = "own";

    /// <summary>All of them, the own first.</summary>
    public IReadOnlyList<IContentReplica> All { get; } = [Own, .. Others];

    /// <summary>The one of a name; null where the settings no longer name it.</summary>
    public IContentReplica? Find(string name) => All.FirstOrDefault(replica => replica.Name == name);
}
