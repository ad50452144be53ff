using HealthShare.Sandbox;

namespace HealthShare.IntegrationTests.Sandbox;

public sealed class StateFolderTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("healthshare-state-");

    private string Kept => Path.Combine(root.FullName, "state", "ledger", "blocks.dat");

    [Fact]
    public void A_reset_empties_the_folder_and_leaves_it_a_sandboxs()
    {
        Fill();

        StateFolder.Take(Options(reset: true)).Dispose();

        Assert.Equal([StateFolder.Marker], State.EnumerateFileSystemInfos().Select(entry => entry.Name));
        StateFolder.Take(Options()).Dispose();
    }

    [Fact]
    public void Without_a_reset_everything_stays()
    {
        Fill();

        StateFolder.Take(Options()).Dispose();

        Assert.Equal("block", File.ReadAllText(Kept));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void The_folder_of_a_running_sandbox_is_neither_shared_nor_emptied(bool reset, bool story)
    {
        Fill();
        using var running = StateFolder.Take(Options());

        var refusal = Assert.Throws<SandboxException>(() => StateFolder.Take(Options(reset, story)));

        Assert.True(refusal.IsUsage);
        Assert.Contains("Another sandbox is running", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("block", File.ReadAllText(Kept));
    }

    [Fact]
    public void A_folder_that_is_not_a_sandboxs_is_left_alone_even_at_a_reset()
    {
        State.Create();
        File.WriteAllText(Path.Combine(State.FullName, "thesis.txt"), "mine");

        Assert.Throws<SandboxException>(() => StateFolder.Take(Options(reset: true)));

        Assert.True(File.Exists(Path.Combine(State.FullName, "thesis.txt")));
    }

    [Fact]
    public void A_reset_removes_a_link_and_not_what_it_leads_to()
    {
        Fill();
        var elsewhere = root.CreateSubdirectory("elsewhere");
        File.WriteAllText(Path.Combine(elsewhere.FullName, "thesis.txt"), "mine");
        Directory.CreateSymbolicLink(Path.Combine(State.FullName, "link"), elsewhere.FullName);

        StateFolder.Take(Options(reset: true)).Dispose();

        Assert.True(File.Exists(Path.Combine(elsewhere.FullName, "thesis.txt")));
    }

    [Fact]
    public async Task A_file_in_place_of_the_folder_and_a_port_that_is_no_number_are_wrong_usage()
    {
        var file = Path.Combine(root.FullName, "file");
        File.WriteAllText(file, "");
        using var error = new StringWriter();

        Assert.Throws<SandboxException>(() => StateFolder.Take(new SandboxOptions { State = new DirectoryInfo(file) }));
        Assert.Equal(2, await SandboxCommand.RunAsync(["--port-base", "abc"], error));
        Assert.Equal(2, await SandboxCommand.RunAsync(["--port-base", "80"], error));
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => root.Delete(recursive: true);

    private DirectoryInfo State => new(Path.Combine(root.FullName, "state"));

    private SandboxOptions Options(bool reset = false, bool story = false) => new() { State = State, Reset = reset, Story = story };

    private void Fill()
    {
        StateFolder.Take(Options()).Dispose();
        Directory.CreateDirectory(Path.GetDirectoryName(Kept)!);
        File.WriteAllText(Kept, "block");
    }
}
