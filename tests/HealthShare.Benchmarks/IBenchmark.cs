namespace HealthShare.Benchmarks;

/// <summary>Measures one thing of ours against a peer in the same run: absolute figures mean little on a shared machine.</summary>
internal interface IBenchmark
{
    /// <summary>What is typed to run it.</summary>
    string Name { get; }

    /// <summary>One line: what is measured, and against what.</summary>
    string Summary { get; }

    /// <summary>Runs it; the first measure is the benchmark's own, others say more about the same run.</summary>
    /// <exception cref="MissingPieceException">Something that it needs is not there.</exception>
    Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct);
}

/// <summary>Two figures of the same run.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Unit">Unit of both figures.</param>
/// <param name="Ours">Our figure.</param>
/// <param name="Peer">The peer's.</param>
internal sealed record Measure(string What, string Unit, double Ours, double Peer)
{
    /// <summary>Ours divided by the peer's. What takes time is better small, what is done in a time is better large.</summary>
    public double Ratio => Ours / Peer;
}

/// <summary>What the command line gave.</summary>
/// <param name="ConnectionFile">Connection file of a real network; null where none was named.</param>
/// <param name="Chaincode">Name under which our test chaincode is deployed there.</param>
/// <param name="PeerChaincode">Name under which the same chaincode over the official Node shim is deployed there.</param>
/// <param name="Rounds">Rounds that count, after one that does not.</param>
internal sealed record BenchmarkSettings(string? ConnectionFile, string Chaincode, string PeerChaincode, int? Rounds);

/// <summary>A benchmark cannot run here; the message names what is missing and how to get it.</summary>
internal sealed class MissingPieceException(string message) : Exception(message);
