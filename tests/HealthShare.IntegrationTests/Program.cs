using HealthShare.IntegrationTests.Content;
using HealthShare.IntegrationTests.Intake;
using HealthShare.IntegrationTests.Nodes;
using HealthShare.Node.Database;

namespace HealthShare.IntegrationTests;

/// <summary>The tests' own programs, for what must be a process of its own to be killed or measured.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args) => args switch
    {
        ["store-writer", var folder, var seed] => StoreWriter.ToEmbeddedAsync(folder, int.Parse(seed, provider: null)),
        ["record-meter", var folder, var size] => RecordMeter.OfEmbeddedAsync(folder, long.Parse(size, provider: null)),
        ["daemon-meter", var rpc, var folder, var size] => RecordMeter.OfDaemonAsync(new(rpc), folder, long.Parse(size, provider: null)),
        ["daemon-writer", var rpc, var folder, var seed] => StoreWriter.ToDaemonAsync(new(rpc), folder, int.Parse(seed, provider: null)),
        ["revoking-node", var folder, var connection, var point] => RevokingNodeProgram.RunAsync(folder, connection, point),
        ["intake-node", var folder, var connection, var provider, var database, var point] =>
            IntakeNodeProgram.RunAsync(folder, connection, Enum.Parse<DatabaseProvider>(provider), database, point),
        _ => throw new ArgumentException("Unknown program; the tests start this one by themselves."),
    };
}
