using System.Text;
using HealthShare.Hl7;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;
using HealthShare.UnitTests.Support;
using HealthShare.Vault.Content;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>A disk without a byte left: senders hear it, what they were promised stays, and nothing has to be started again.</summary>
public sealed class FullDiskIntakeTests
{
    [SmallDiskFact]
    public async Task With_the_journal_s_disk_full_senders_get_AR_and_what_was_acknowledged_is_registered_once_there_is_room()
    {
        using var disk = new SmallDisk(48 * 1024 * 1024);
        await using var scene = await IntakeScene.StartAsync(DatabaseProvider.Sqlite, disk.Path);
        scene.Options.MinimumFreeBytes = 0; // no margin: the disk itself says no
        var acknowledged = new HashSet<string>(StringComparer.Ordinal);
        var refusals = await SendAsync(scene, acknowledged, "before", 30);
        Assert.Empty(refusals);
        disk.Fill();
        for (var i = 0; refusals.Count == 0 && i < 1000; i++) // what the database's log has set aside may still take some
            refusals = await SendAsync(scene, acknowledged, $"full-{i}", 30);
        Assert.NotEmpty(refusals);
        Assert.All(refusals, refusal => Assert.Contains("could not be stored", refusal, StringComparison.Ordinal));
        Assert.Equal(acknowledged.Count, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));

        disk.Free();
        Assert.Empty(await SendAsync(scene, acknowledged, "after", 30));
        Assert.Equal("ok", await scene.ScalarAsync<string>("PRAGMA integrity_check"));
        Assert.Equal(acknowledged.Count, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
        await scene.RestartAsync();
        await scene.DrainAsync();
        Assert.Equal(acknowledged.Count, scene.Ledger.Records.Count);
        Assert.Equal(acknowledged.Count, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message WHERE state = 'registered'"));
    }

    [SmallDiskFact]
    public async Task With_the_content_store_s_disk_full_messages_wait_and_go_on_without_a_restart()
    {
        using var disk = new SmallDisk(24 * 1024 * 1024);
        using var store = EmbeddedContentStore.Open(new() { Folder = Path.Combine(disk.Path, "content") });
        await using var scene = await IntakeScene.StartAsync();
        scene.Content = store;
        await scene.RestartAsync();
        disk.Fill();
        var acknowledged = new HashSet<string>(StringComparer.Ordinal);
        Assert.Empty(await SendAsync(scene, acknowledged, "m", 40));
        for (var i = 0; i < 5; i++)
        {
            await scene.DrainAsync();
            scene.Node.Clock.Now += TimeSpan.FromHours(1);
        }
        Assert.Equal(40, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message WHERE state = 'parsed' AND reason_code = 'content.unavailable'"));
        disk.Free();
        await scene.DrainAsync();
        Assert.Equal(40, scene.Ledger.Records.Count);
        Assert.Equal(40, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message WHERE state = 'registered'"));
    }

    [SmallDiskFact]
    public async Task Before_the_last_bytes_are_gone_the_margin_refuses_with_its_own_reason()
    {
        using var disk = new SmallDisk(8 * 1024 * 1024);
        await using var scene = await IntakeScene.StartAsync();
        scene.Options.MinimumFreeBytes = 4 * 1024 * 1024;
        var real = new DiskSpace(disk.Path);
        Assert.True(real.FreeBytes > scene.Options.MinimumFreeBytes);
        disk.Fill();
        scene.Disk.FreeBytes = real.FreeBytes;
        Assert.Equal(0, scene.Disk.FreeBytes);
        Assert.Contains("The disk is nearly full", Assert.Single(await SendAsync(scene, [], "m", 1)), StringComparison.Ordinal);
        disk.Free();
        Assert.True(real.FreeBytes > scene.Options.MinimumFreeBytes);
    }

    // What was said to those that were refused; the control ids of the others are noted.
    private static async Task<List<string>> SendAsync(IntakeScene scene, HashSet<string> acknowledged, string name, int count)
    {
        var refusals = new List<string>();
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(async () =>
        {
            var id = $"{name}-{i}";
            var answer = Er7Message.Parse(await scene.Mllp.HandleAsync(IntakeScene.Message(id, value: id + new string('7', 20_000)), null, default));
            Assert.Equal(id, answer.Get("MSA-2").Text);
            var code = answer.Get("MSA-1").Text;
            lock (acknowledged)
            {
                if (code == "AA")
                {
                    acknowledged.Add(id);
                    return;
                }
                Assert.Equal("AR", code);
                refusals.Add(Encoding.UTF8.GetString(answer.Bytes.Span));
            }
        })));
        return refusals;
    }
}
