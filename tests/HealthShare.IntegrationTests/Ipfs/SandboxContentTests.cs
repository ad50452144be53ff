using System.Net;
using System.Net.Sockets;
using HealthShare.IntegrationTests.Sandbox;
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
    public async Task A_hospitals_keeper_asks_its_own_daemon_alone_by_the_gateway_that_fetches_nothing()
    {
        await using var content = await SandboxContent.StartAsync(
            new SandboxOptions { State = folder, Ipfs = true }, TextWriter.Null, CancellationToken.None);
        using var http = IpfsDaemon.NewClient();
        using var south = new RawRpc(content.Daemons["south"]);
        using var bytes = new MemoryStream("held by South"u8.ToArray());
        var cid = await south.AddAsync(bytes);

        Assert.Equal(HttpStatusCode.OK, await AskAsync(SandboxMember.South));
        Assert.NotEqual(HttpStatusCode.OK, await AskAsync(SandboxMember.North));
        Assert.Empty(content.SettingsOf(SandboxMember.Regulator));

        // There is no replication: naming the others would make a finding of each record.
        Assert.DoesNotContain(content.SettingsOf(SandboxMember.North).Keys, name => name.Contains("Replicas", StringComparison.Ordinal));

        async Task<HttpStatusCode> AskAsync(SandboxMember member)
        {
            var gateway = new Uri(content.SettingsOf(member)["HealthShare:Content:Keeping:OwnGatewayUrl"]!);
            using var answer = await http.GetAsync(new Uri(gateway, $"/ipfs/{cid}?format=raw"));
            return answer.StatusCode;
        }
    }

    [IpfsFact]
    public async Task A_killed_sandbox_takes_its_daemons_with_it_and_starts_again()
    {
        var (state, ports) = (folder.FullName, SandboxProcess.FreePortBase());
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
