using System.Text;
using HealthShare.Node.Intake.Folder;
using HealthShare.Node.Intake.Receiving;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>Files put into a folder: each ends in exactly one place, whatever happens on the way.</summary>
public sealed class FolderDoorTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("hs-folder-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_file_is_taken_in_and_is_among_the_done_ones_until_its_time_is_up()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene, keep: TimeSpan.FromDays(1));
        scene.Node.Clock.Now = DateTimeOffset.UtcNow;
        Put("day.hl7", Lines(IntakeScene.Message("1"), IntakeScene.Message("2", number: "4712")));
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal(["day.hl7"], In("done"));
        Assert.Empty(In("failed").Concat(In("working")));
        await scene.DrainAsync();
        Assert.Equal(2, scene.Ledger.Records.Count);
        scene.Node.Clock.Now = DateTimeOffset.UtcNow.AddDays(3);
        await door.RunOnceAsync(default);
        Assert.Empty(In("done"));
    }

    [Fact]
    public async Task A_file_with_a_bad_message_is_among_the_failed_ones_with_the_reason_and_its_good_ones_are_taken()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene);
        Put("day.hl7", Lines(IntakeScene.Message("1"), "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|2|P|2.5\rPID|1||||Quastenflosser\r"u8.ToArray(), IntakeScene.Message("3")));
        await door.RunOnceAsync(default);
        Assert.Equal(["day.hl7", "day.hl7.error"], In("failed"));
        var reason = await File.ReadAllTextAsync(Path.Combine(folder, "failed", "day.hl7.error"));
        Assert.Contains("message 2", reason, StringComparison.Ordinal);
        Assert.Contains("message.field_missing", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("Quastenflosser", reason, StringComparison.Ordinal);
        await scene.DrainAsync();
        Assert.Equal(2, scene.Ledger.Records.Count);
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message WHERE state = 'quarantined' AND source = 'folder'"));
    }

    [Theory]
    [InlineData("FHS|^~\\&\rBHS|^~\\&\r{0}BTS|2\rFTS|1\r", "message.count_mismatch")]
    [InlineData("BHS|^~\\&\r{0}", "message.envelope_invalid")]
    [InlineData("lost lines\r{0}", "message.outside_message")]
    [InlineData("nothing of HL7", "message.header_missing")]
    [InlineData("", "message.header_missing")]
    public async Task Nothing_of_a_file_that_may_have_been_cut_is_taken(string form, string code)
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene);
        Put("day.hl7", Encoding.UTF8.GetBytes(form.Replace("{0}", Encoding.UTF8.GetString(IntakeScene.Message("1")), StringComparison.Ordinal)));
        await door.RunOnceAsync(default);
        Assert.Contains(code, await File.ReadAllTextAsync(Path.Combine(folder, "failed", "day.hl7.error")), StringComparison.Ordinal);
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
    }

    [Fact]
    public async Task A_file_that_was_being_read_at_a_crash_is_read_again_and_has_no_second_effect()
    {
        await using var scene = await IntakeScene.StartAsync();
        using (var door = Door(scene))
        {
            Put("day.hl7", Lines([.. Enumerable.Range(0, 250).Select(i => IntakeScene.Message($"{i}"))]));
            scene.Crashes.At = 3; // one hundred are in the journal, and the next are not
            await Assert.ThrowsAsync<SimulatedCrashException>(() => door.RunOnceAsync(default));
        }
        Assert.Equal(["day.hl7"], In("working"));
        Assert.InRange(await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"), 1, 249);
        scene.Crashes.Clear();
        await scene.RestartAsync();
        using (var door = Door(scene))
            Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal(["day.hl7"], In("done"));
        await scene.DrainAsync();
        Assert.Equal(250, scene.Ledger.Records.Count);
        Assert.Equal(250, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
    }

    [Fact]
    public async Task With_the_journal_full_a_file_waits_in_the_working_folder()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Options.FirstRetryDelay = TimeSpan.FromMilliseconds(10);
        using var door = Door(scene);
        Put("day.hl7", IntakeScene.Message("1"));
        scene.Disk.FreeBytes = 0;
        Assert.Equal(0, await door.RunOnceAsync(default));
        Assert.Equal(["day.hl7"], In("working"));
        scene.Disk.FreeBytes = long.MaxValue;
        await scene.RestartAsync(); // looks at the disk again
        using var later = Door(scene);
        Assert.Equal(1, await later.RunOnceAsync(default));
        Assert.Equal(["day.hl7"], In("done"));
    }

    [Fact]
    public async Task What_is_still_written_hidden_or_a_link_is_left_alone_and_a_name_that_comes_again_replaces_none()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene, settled: TimeSpan.FromHours(1));
        Put("a.hl7.part", IntakeScene.Message("1"));
        Put(".b.hl7", IntakeScene.Message("1"));
        Put("young.hl7", IntakeScene.Message("1"));
        File.SetLastWriteTimeUtc(Path.Combine(folder, "young.hl7"), scene.Node.Clock.Now.UtcDateTime);
        var secret = Path.Combine(folder, ".secret");
        await File.WriteAllBytesAsync(secret, IntakeScene.Message("9"));
        File.CreateSymbolicLink(Path.Combine(folder, "link.hl7"), secret);
        Assert.Equal(0, await door.RunOnceAsync(default));

        foreach (var number in new[] { "5", "6", "7" })
        {
            Put("day.hl7", IntakeScene.Message(number));
            Assert.Equal(1, await door.RunOnceAsync(default));
        }
        Assert.Equal(["day-1.hl7", "day-2.hl7", "day.hl7"], In("done"));
        Assert.Equal(3, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
    }

    [Fact]
    public async Task A_file_above_the_limit_fails_unread()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene, mostBytes: 1024);
        Put("large.hl7", new byte[4096]);
        await door.RunOnceAsync(default);
        Assert.Equal(["large.hl7", "large.hl7.error"], In("failed"));
    }

    private FolderDoor Door(IntakeScene scene, TimeSpan? settled = null, int mostBytes = 1024 * 1024, TimeSpan? keep = null) => new(
        new BatchReceiver(scene.Receiver),
        Microsoft.Extensions.Options.Options.Create(new FolderOptions
        {
            Path = folder, Settled = settled ?? TimeSpan.Zero, MaxFileBytes = mostBytes, KeepDone = keep ?? TimeSpan.FromDays(365),
        }),
        Microsoft.Extensions.Options.Options.Create(scene.Options), scene.Node.Clock, NullLogger<FolderDoor>.Instance);

    // Long ago by any clock of the tests.
    private void Put(string name, byte[] content)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, content);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }

    private IEnumerable<string> In(string name) => Directory.GetFiles(Path.Combine(folder, name)).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private static byte[] Lines(params byte[][] messages) => [.. messages.SelectMany(message => message)];
}
