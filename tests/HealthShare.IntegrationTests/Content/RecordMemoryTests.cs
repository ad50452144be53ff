using Xunit.Abstractions;

namespace HealthShare.IntegrationTests.Content;

/// <summary>Long records in little memory, measured on a process of its own.</summary>
public sealed class RecordMemoryTests(ITestOutputHelper output) : IDisposable
{
    private const long Allowed = 64_000_000;
    private readonly string folder = Directory.CreateTempSubdirectory("healthshare-memory-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public Task A_record_of_10_MiB_takes_less_than_64_MB_above_idle() => MeasureAsync(10L << 20);

    [LargeContentFact]
    public Task A_record_of_1_GiB_takes_less_than_64_MB_above_idle() => MeasureAsync(1L << 30);

    private async Task MeasureAsync(long size)
    {
        using var meter = TestProgram.Start("record-meter", folder, $"{size}");
        var line = await meter.StandardOutput.ReadLineAsync();
        await meter.WaitForExitAsync();
        Assert.Equal(0, meter.ExitCode);
        var (idle, peak) = line!.Split(' ') is [var first, var second] ? (long.Parse(first, provider: null), long.Parse(second, provider: null)) : default;
        output.WriteLine($"{size} bytes: idle {idle / 1e6:F1} MB, peak {peak / 1e6:F1} MB, {(peak - idle) / 1e6:F1} MB above");
        Assert.InRange(peak - idle, 0, Allowed);
    }

    /// <summary>A test that writes gigabytes and runs only where <c>HEALTHSHARE_LARGE_CONTENT=1</c> asks for it.</summary>
    private sealed class LargeContentFactAttribute : FactAttribute
    {
        public LargeContentFactAttribute() => Skip = Environment.GetEnvironmentVariable("HEALTHSHARE_LARGE_CONTENT") == "1"
            ? null
            : "Writes a gigabyte; set HEALTHSHARE_LARGE_CONTENT=1 to run it.";
    }
}
