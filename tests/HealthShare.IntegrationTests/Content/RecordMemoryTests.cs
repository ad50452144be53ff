using Xunit.Abstractions;

namespace HealthShare.IntegrationTests.Content;

/// <summary>Long records in little memory, measured on a process of its own.</summary>
public sealed class RecordMemoryTests(ITestOutputHelper output) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("healthshare-memory-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public Task A_record_of_10_MiB_takes_less_than_64_MB_above_idle() => MeasureAsync(10L << 20);

    [LargeContentFact]
    public Task A_record_of_1_GiB_takes_less_than_64_MB_above_idle() => MeasureAsync(1L << 30);

    private async Task MeasureAsync(long size) => output.WriteLine(await MemoryMeter.AssertLittleAsync("record-meter", folder, $"{size}"));
}
