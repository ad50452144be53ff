namespace HealthShare.Node.Database;

/// <summary>Something whose rows go by age.</summary>
internal interface IPruned
{
    /// <summary>What it is, for the log: <c>kept answers</c>.</summary>
    string Name { get; }

    /// <summary>Deletes what is too old.</summary>
    /// <returns>How many rows it touched.</returns>
    Task<int> PruneAsync(CancellationToken ct);
}
