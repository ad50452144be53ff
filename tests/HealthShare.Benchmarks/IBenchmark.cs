namespace HealthShare.Benchmarks;

/// <summary>Measures one thing of ours against a peer in the same run: absolute figures mean little on a shared machine.</summary>
internal interface IBenchmark
{
    /// <summary>What is typed to run it.</summary>
    string Name { get; }

    /// <summary>One line: what is measured, and against what.</summary>
    string Summary { get; }

    /// <summary>Unit of both figures; more is better.</summary>
    string Unit { get; }

    Task<Figures> RunAsync(TextWriter progress, CancellationToken ct);
}

/// <summary>Two figures of the same run, in the benchmark's unit.</summary>
internal readonly record struct Figures(double Ours, double Peer)
{
    public double Ratio => Ours / Peer;
}
