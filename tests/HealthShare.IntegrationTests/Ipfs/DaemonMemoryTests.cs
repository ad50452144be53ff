using HealthShare.IntegrationTests.Content;
using Xunit.Abstractions;

namespace HealthShare.IntegrationTests.Ipfs;

/// <summary>Long records to a daemon and back in little memory of ours, measured on a process of its own.</summary>
[Collection(SwarmCollection.Name)]
public sealed class DaemonMemoryTests(SwarmFixture swarm, ITestOutputHelper output)
{
    [IpfsFact]
    public Task A_record_of_10_MiB_takes_less_than_64_MB_above_idle() => MeasureAsync(10L << 20);

    [IpfsFact(large: true)]
    public Task A_record_of_1_GiB_takes_less_than_64_MB_above_idle() => MeasureAsync(1L << 30);

    private async Task MeasureAsync(long size) => output.WriteLine(
        await MemoryMeter.AssertLittleAsync("daemon-meter", $"{swarm.South.Addresses.Rpc}", swarm.PathOf("marks-of-meter"), $"{size}"));
}
