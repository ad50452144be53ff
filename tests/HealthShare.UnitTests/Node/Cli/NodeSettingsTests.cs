using HealthShare.Node.Cli;
using HealthShare.UnitTests.Support;
using Microsoft.Extensions.Configuration;

namespace HealthShare.UnitTests.Node.Cli;

/// <summary>Watchers of files, of which the system has few for each user. Alone, since they are counted for the whole process.</summary>
[Collection(AloneCollection.Name)]
public sealed class NodeSettingsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("hs-settings-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_command_takes_no_watcher()
    {
        var before = Watchers();
        var within = await WithAsync(follows: false, _ => Task.FromResult(Watchers()));
        Assert.True(within <= before, $"{before} before, {within} within it.");
    }

    [Fact]
    public async Task What_follows_its_file_hears_of_changes_and_gives_its_watcher_back()
    {
        var within = await WithAsync(follows: true, async settings =>
        {
            Assert.Equal("one", settings["Name"]);
            await File.WriteAllTextAsync(Path.Combine(folder, "node.json"), """{ "Name": "two" }""");
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (settings["Name"] != "two")
                await Task.Delay(20, patience.Token);
            return Watchers();
        });
        if (!OperatingSystem.IsLinux())
            return;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1)); // its own thread lets go of it
        while (Watchers() >= within)
            await Task.Delay(20, patience.Token);
    }

    private async Task<int> WithAsync(bool follows, Func<IConfigurationRoot, Task<int>> work)
    {
        var file = new FileInfo(Path.Combine(folder, "node.json"));
        await File.WriteAllTextAsync(file.FullName, """{ "Name": "one" }""");
        using var error = new StringWriter();
        var answer = await NodeSettings.WithAsync(file, error, work, follows);
        Assert.Equal("", error.ToString());
        return answer;
    }

    // Linux tells; elsewhere there are as many as one likes.
    private static int Watchers() => !OperatingSystem.IsLinux() ? 0 : new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos()
        .Count(file => file.LinkTarget?.Contains("inotify", StringComparison.Ordinal) == true);
}
