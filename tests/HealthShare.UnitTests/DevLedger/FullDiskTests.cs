using System.Diagnostics;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Grpc;
using static HealthShare.UnitTests.DevLedger.LedgerNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>A ledger on a real file system that runs full.</summary>
public sealed class FullDiskTests
{
    [SmallDiskFact]
    public async Task It_refuses_what_is_new_keeps_what_it_took_and_goes_on_by_itself_once_there_is_room()
    {
        using var disk = SmallDisk.Mount();
        await using var network = new LedgerNetwork(disk.Folder);
        await network.InitializeAsync();
        var client = network.Client();
        await client.SubmitAsync(Call("put", "before", "1"));

        disk.Fill();
        var large = new string('x', 20_000);
        var taken = await client.EndorseAsync(Call("put", "taken", large));
        await client.SubmitEndorsedAsync(taken); // the orderer has it; its block does not fit
        while (network.Host.Failure is null)
            await Task.Delay(5);
        var refused = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitAsync(Call("put", "refused", "1")));
        Assert.Equal((LedgerStage.Submit, StatusCode.Unavailable), (refused.Stage, refused.Status));
        Assert.Contains(refused.PeerErrors, error => error.Message.Contains("its disk is full", StringComparison.Ordinal));
        Assert.Equal("1", Text(await client.EvaluateAsync(Call("get", "before"))));

        disk.Empty();
        Assert.True((await client.GetCommitStatusAsync(taken.TransactionId)).IsValid);
        while (network.Host.Failure is not null)
            await Task.Delay(5);
        await client.SubmitAsync(Call("put", "after", "1"));
        Assert.Equal(large, Text(await client.EvaluateAsync(Call("get", "taken"))));
        await network.RestartAsync();
        Assert.Equal(["after", "before", "taken"], await KeysAsync(network.Client()));
        Assert.Equal(large, Text(await network.Client().EvaluateAsync(Call("history", "taken")))); // once, not twice
    }

    [SmallDiskFact]
    public async Task Writers_over_several_times_of_no_room_lose_nothing_and_double_nothing()
    {
        using var disk = SmallDisk.Mount();
        await using var network = new LedgerNetwork(disk.Folder);
        await network.InitializeAsync();
        var client = network.Client();
        List<string> committed = [];
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 6).Select(async writer =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var key = $"{writer}-{i}";
                try
                {
                    await client.SubmitAsync(Call("put", key, "v"));
                    lock (committed)
                        committed.Add(key);
                }
                catch (LedgerException e) when (e.Stage is LedgerStage.Submit)
                {
                    await Task.Delay(5);
                }
            }
        }).ToList();
        for (var round = 0; round < 3; round++)
        {
            disk.Fill();
            while (network.Host.Failure is null)
                await Task.Delay(5);
            disk.Empty();
            while (network.Host.Failure is not null)
                await Task.Delay(5);
        }
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await network.RestartAsync();
        Assert.Empty(committed.Except(await KeysAsync(network.Client())));
        foreach (var key in committed)
            Assert.Equal("v", Text(await network.Client().EvaluateAsync(Call("history", key))));
    }

    private static async Task<string[]> KeysAsync(GatewayClient client) =>
        Text(await client.EvaluateAsync(Call("page", "", "", "10000", ""))).Split('|')[0].Split(',');
}

/// <summary>A test that mounts a small file system in memory, which only the superuser of a Linux system may.</summary>
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.MayMount ? null : "This user may not mount a file system.";
}

/// <summary>A file system of 4 MiB.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public static bool MayMount { get; } = Try();

    public string Folder { get; }

    private string Filler => Path.Combine(Folder, "filler");

    public static SmallDisk Mount()
    {
        var folder = Directory.CreateTempSubdirectory("small-disk-").FullName;
        return Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder)
            ? new SmallDisk(folder)
            : throw new InvalidOperationException("The file system cannot be mounted.");
    }

    /// <summary>Leaves no room.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            for (var piece = new byte[4096]; ;)
                file.Write(piece);
        }
        catch (IOException)
        {
            // That is the aim.
        }
    }

    /// <summary>Makes room again.</summary>
    public void Empty() => File.Delete(Filler);

    public void Dispose()
    {
        Run("umount", Folder);
        Directory.Delete(Folder, recursive: true);
    }

    private static bool Try()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return false;
        try
        {
            Mount().Dispose();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
