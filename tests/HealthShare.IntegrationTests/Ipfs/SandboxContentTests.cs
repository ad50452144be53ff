using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using HealthShare.IntegrationTests.Sandbox;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Content.Keeping;
using HealthShare.Sandbox;
using HealthShare.Sandbox.Ipfs;

namespace HealthShare.IntegrationTests.Ipfs;

public sealed class SandboxContentTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("healthshare-sandbox-ipfs-");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_state_is_not_opened_in_the_other_way_than_it_was_made(bool ipfs)
    {
        File.WriteAllText(Path.Combine(folder.FullName, SignInFile.Name), "[]");
        if (!ipfs)
            folder.CreateSubdirectory("ipfs");

        var refusal = await Assert.ThrowsAsync<SandboxException>(() => SandboxContent.StartAsync(
            new SandboxOptions { State = folder, Ipfs = ipfs }, TextWriter.Null, CancellationToken.None));

        Assert.True(refusal.IsUsage);
        Assert.Contains("--reset", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_daemons_nothing_of_Node_is_looked_for()
    {
        await using var content = await SandboxContent.StartAsync(new SandboxOptions { State = folder }, TextWriter.Null, CancellationToken.None);
        Assert.Empty(content.Daemons);
        Assert.Empty(folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task What_a_first_start_with_daemons_left_unfinished_does_not_make_the_state_theirs()
    {
        folder.CreateSubdirectory("ipfs").CreateSubdirectory("north");
        await using var content = await SandboxContent.StartAsync(new SandboxOptions { State = folder }, TextWriter.Null, CancellationToken.None);
        File.WriteAllText(Path.Combine(folder.FullName, SignInFile.Name), "[]");

        await using var again = await SandboxContent.StartAsync(new SandboxOptions { State = folder }, TextWriter.Null, CancellationToken.None);

        Assert.Empty(again.Daemons);
    }

    [Fact]
    public async Task A_folder_without_the_launcher_is_named_as_such()
    {
        var refusal = await Assert.ThrowsAsync<SandboxException>(() => IpfsLauncher.FindAsync(folder.FullName, CancellationToken.None));
        Assert.Contains(IpfsLauncher.FolderVariable, refusal.Message, StringComparison.Ordinal);
    }

    [IpfsFact]
    public async Task Packages_that_cannot_be_installed_are_told_with_the_command()
    {
        File.WriteAllText(Path.Combine(folder.FullName, "daemon.mjs"), "");
        File.WriteAllText(Path.Combine(folder.FullName, "package.json"), "{");
        var launcher = await IpfsLauncher.FindAsync(folder.FullName, CancellationToken.None);
        Assert.False(launcher.IsInstalled);

        var failure = await Assert.ThrowsAsync<SandboxException>(() => launcher.EnsureInstalledAsync(TextWriter.Null, CancellationToken.None));

        Assert.Contains($"'{IpfsLauncher.InstallCommand}' in {folder.FullName}", failure.Message, StringComparison.Ordinal);
    }

    [IpfsFact]
    public async Task What_one_hospital_keeps_the_others_keep_too_and_an_emptied_daemon_is_filled_again_from_them()
    {
        await using var content = await SandboxContent.StartAsync(
            new SandboxOptions { State = folder, Ipfs = true }, TextWriter.Null, CancellationToken.None);
        var settings = content.SettingsOf(SandboxMember.South);
        Assert.Equal($"{content.Daemons["south"].Addresses.Gateway}", settings["HealthShare:Content:Keeping:OwnGatewayUrl"]);
        Assert.Equal(new[] { "north", "east" }.Select(name => $"{content.Daemons[name].Addresses.Gateway}").Order(),
            settings.Where(setting => setting.Key.StartsWith("HealthShare:Content:Replicas", StringComparison.Ordinal)
                && setting.Key.EndsWith("GatewayUrl", StringComparison.Ordinal)).Select(setting => setting.Value!).Order());
        Assert.DoesNotContain(content.SettingsOf(SandboxMember.Regulator), setting => setting.Key.StartsWith("HealthShare:Content", StringComparison.Ordinal));
        Assert.All(SandboxMember.All, member => Assert.Equal("false", content.SettingsOf(member)["HealthShare:Webhooks:AllowLoopback"])); // of which daemons could be told what to do

        await using var keeper = await KeeperOnDaemons.StartAsync(content.Daemons["north"],
            content.Daemons.Where(daemon => daemon.Key != "north").ToDictionary(daemon => daemon.Key, daemon => daemon.Value));
        using var bytes = new MemoryStream(RandomNumberGenerator.GetBytes(200_000));
        var stored = await keeper.Store.PutAsync(bytes, CancellationToken.None);
        await keeper.RegisterAsync(stored);

        ContentCheckProgress seen;
        var patience = Stopwatch.StartNew();
        while ((seen = await keeper.CheckAsync(repair: false)).Counts.BelowMinimum > 0 || seen.OpenFindings > 0)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromMinutes(5), string.Join("\n", content.Daemons.Select(daemon => $"{daemon.Key}: {daemon.Value.Output}")));
            await Task.Delay(250); // the daemons need the machine for what is waited for
        }

        // The daemon runs on, and its blocks are gone from under it.
        Directory.Delete(Path.Combine(content.Daemons["north"].Repository, "blocks"), recursive: true);
        Directory.CreateDirectory(Path.Combine(content.Daemons["north"].Repository, "blocks"));
        Assert.Equal(1, (await keeper.CheckAsync(repair: false)).Counts.Missing);
        var repaired = await keeper.CheckAsync();
        Assert.Equal((1, 0L), (repaired.Counts.Repaired, repaired.OpenFindings));
        await using var read = await keeper.Store.OpenAsync(stored.Cid, CancellationToken.None);
        Assert.Equal(stored.Size, read.Length);
    }

    [IpfsFact]
    public async Task A_killed_sandbox_takes_its_daemons_with_it_and_starts_again()
    {
        var (state, ports) = (folder.FullName, PortRange.Take());
        List<int> daemons;
        using (var sandbox = await SandboxProcess.StartAsync(state, ports, "--ipfs"))
        {
            daemons = [.. SandboxMember.All.Where(member => member.IsHospital).Select(member => RpcPort(state, member.Key))];
            Assert.All(daemons, port => Assert.True(Answers(port)));
            sandbox.KillAlone();
        }
        for (var attempt = 0; attempt < 600 && daemons.Exists(Answers); attempt++)
            await Task.Delay(100);
        Assert.All(daemons, port => Assert.False(Answers(port)));

        using var again = await SandboxProcess.StartAsync(state, ports, "--ipfs");
        Assert.All(SandboxMember.All.Where(member => member.IsHospital), member => Assert.True(Answers(RpcPort(state, member.Key))));
    }

    public void Dispose() => folder.Delete(recursive: true);

    // A daemon writes its address into its repository.
    private static int RpcPort(string state, string member) =>
        int.Parse(File.ReadAllText(Path.Combine(state, "ipfs", member, "api")).Split('/')[4], null);

    private static bool Answers(int port)
    {
        try
        {
            using var connection = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
