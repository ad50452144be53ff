namespace HealthShare.IntegrationTests.Content;

/// <summary>Runs a <see cref="RecordMeter"/> as a process of its own and judges what it prints.</summary>
internal static class MemoryMeter
{
    private const long Allowed = 64_000_000;

    /// <summary>Fails where storing or reading took more than 64 MB above idle; returns the figures, for people.</summary>
    public static async Task<string> AssertLittleAsync(params string[] arguments)
    {
        using var meter = TestProgram.Start(arguments);
        var line = await meter.StandardOutput.ReadLineAsync();
        await meter.WaitForExitAsync();
        Assert.Equal(0, meter.ExitCode);
        var figures = line!.Split(' ').Select(figure => long.Parse(figure, provider: null)).ToList();
        var (idle, stored, read) = (figures[0], figures[1], figures[2]);
        Assert.InRange(stored - idle, 0, Allowed);
        Assert.InRange(read - idle, 0, Allowed);
        return $"{arguments[^1]} bytes: idle {idle / 1e6:F1} MB, {(stored - idle) / 1e6:F1} MB above when stored, {(read - idle) / 1e6:F1} MB when read";
    }
}

/// <summary>A test that writes gigabytes and runs only where <c>HEALTHSHARE_LARGE_CONTENT=1</c> asks for it.</summary>
internal static class LargeContent
{
    public static string? SkipReason => Environment.GetEnvironmentVariable("HEALTHSHARE_LARGE_CONTENT") == "1"
        ? null
        : "Writes a gigabyte; set HEALTHSHARE_LARGE_CONTENT=1 to run it.";
}

/// <inheritdoc cref="LargeContent"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LargeContentFactAttribute : FactAttribute
{
    public LargeContentFactAttribute() => Skip = LargeContent.SkipReason;
}
