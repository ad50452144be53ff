using System.Text;
using HealthShare.Node.Intake.Folder;
using HealthShare.Node.Intake.Receiving;
using HealthShare.UnitTests.Chaincode.Shim;
using HealthShare.UnitTests.Support;
using Microsoft.Extensions.Logging;
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
        await door.RunOnceAsync(default);
        Assert.Equal(["day.hl7"], In("done")); // its sender's time is long ago, and counts for nothing
        scene.Node.Clock.Now = DateTimeOffset.UtcNow.AddDays(3);
        await door.RunOnceAsync(default);
        Assert.Empty(In("done"));
    }

    [Theory]
    [InlineData(1999)]
    [InlineData(2100)]
    public async Task A_file_keeps_its_sender_s_time_which_only_its_owner_may_set_and_is_kept_from_its_move_on(int year)
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene, keep: TimeSpan.FromDays(1));
        var sent = new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        await door.RunOnceAsync(default);
        var path = Path.Combine(folder, "working", "day.hl7");
        await File.WriteAllBytesAsync(path, IntakeScene.Message("1"));
        File.SetLastWriteTimeUtc(path, sent);
        scene.Node.Clock.Now = DateTimeOffset.UtcNow;
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal(["day.hl7"], In("done"));
        Assert.Equal(sent, File.GetLastWriteTimeUtc(Path.Combine(folder, "done", "day.hl7")));
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
            Assert.Equal(0, await door.RunOnceAsync(default));
            Assert.True(scene.Crashes.HasCrashed);
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
    public async Task A_file_with_a_time_ahead_is_taken_once_it_was_seen_unchanged_for_long_enough()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var logs = new RecordedLogs();
        using var door = Door(scene, settled: TimeSpan.FromMinutes(10), logger: logs.CreateLogger<FolderDoor>());
        var path = Path.Combine(folder, "day.hl7");
        Write(IntakeScene.Message("1"), new DateTime(2038, 1, 19, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(0, await door.RunOnceAsync(default));
        scene.Node.Clock.Now += TimeSpan.FromMinutes(9);
        Assert.Equal(0, await door.RunOnceAsync(default));
        Write(Lines(IntakeScene.Message("1"), IntakeScene.Message("2")), new DateTime(2038, 1, 19, 0, 0, 0, DateTimeKind.Utc)); // it is still written
        scene.Node.Clock.Now += TimeSpan.FromMinutes(9);
        Assert.Equal(0, await door.RunOnceAsync(default));
        scene.Node.Clock.Now -= TimeSpan.FromDays(1); // the clock was wrong
        Assert.Equal(0, await door.RunOnceAsync(default));
        scene.Node.Clock.Now += TimeSpan.FromMinutes(10);
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal(["day.hl7"], In("done"));
        Assert.Equal(2, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
        Assert.Single(logs.Lines, line => line.Contains("time ahead", StringComparison.Ordinal));

        void Write(byte[] content, DateTime time)
        {
            File.WriteAllBytes(path, content);
            File.SetLastWriteTimeUtc(path, time);
        }
    }

    [Fact]
    public async Task While_done_cannot_be_written_to_a_file_is_read_once_and_again_only_where_it_changes()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var logs = new RecordedLogs();
        using var door = Door(scene, logger: logs.CreateLogger<FolderDoor>());
        await door.RunOnceAsync(default);
        Put("a.hl7", IntakeScene.Message("1"));
        var place = Path.Combine(folder, "done");
        Directory.Delete(place);
        await File.WriteAllTextAsync(place, "");
        for (var i = 0; i < 5; i++)
            await Assert.ThrowsAnyAsync<IOException>(() => door.RunOnceAsync(default));
        Assert.Single(Taken());
        await File.AppendAllTextAsync(Path.Combine(folder, "working", "a.hl7"), Encoding.UTF8.GetString(IntakeScene.Message("2")));
        for (var i = 0; i < 5; i++)
            await Assert.ThrowsAnyAsync<IOException>(() => door.RunOnceAsync(default));
        Assert.Equal(2, Taken().Count());
        File.Delete(place);
        Directory.CreateDirectory(place);
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal(2, Taken().Count());
        Assert.Equal(2, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));

        IEnumerable<string> Taken() => logs.Lines.Where(line => line.Contains("was taken in", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_waits_for_a_disk_that_cannot_be_looked_at_and_does_not_fail_by_it()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Options.FirstRetryDelay = TimeSpan.Zero;
        using var door = Door(scene);
        Put("a.hl7", IntakeScene.Message("1"));
        scene.Disk.Fault = new DriveNotFoundException();
        for (var i = 0; i < 5; i++)
            Assert.Equal(0, await door.RunOnceAsync(default));
        Assert.Equal(("a.hl7", ""), (Names("working"), Names("failed")));
        scene.Disk.Fault = null;
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal("a.hl7", Names("done"));
    }

    [Fact]
    public async Task What_a_writer_adds_after_a_pause_while_its_file_is_taken_in_is_taken_too()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene);
        Put("a.hl7", IntakeScene.Message("1"));
        var isAdded = false;
        scene.Database.OnUse = _ => // the file was read, and its message is on its way into the journal
        {
            if (!isAdded)
                File.AppendAllText(Path.Combine(folder, "working", "a.hl7"), Encoding.UTF8.GetString(IntakeScene.Message("2")));
            isAdded = true;
        };
        Assert.Equal(0, await door.RunOnceAsync(default));
        Assert.Equal(("a.hl7", ""), (Names("working"), Names("done")));
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal(("", "a.hl7"), (Names("working"), Names("done")));
        Assert.Equal(2, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
    }

    [Fact]
    public async Task A_writer_that_goes_on_after_a_pause_is_waited_for_until_its_file_has_settled_again()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene, settled: TimeSpan.FromMinutes(10));
        Put("a.hl7", IntakeScene.Message("1"));
        Put("b.hl7", IntakeScene.Message("2"));
        // The descriptor of whoever writes follows the rename.
        await using var writer = new FileStream(Path.Combine(folder, "a.hl7"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        var (message, isAdded) = (IntakeScene.Message("3"), false);
        scene.Database.OnUse = _ =>
        {
            if (!isAdded)
                Write(message.AsSpan(0, message.Length / 2));
            isAdded = true;
        };
        Assert.Equal(1, await door.RunOnceAsync(default)); // the other one
        for (var i = 0; i < 3; i++)
            Assert.Equal(0, await door.RunOnceAsync(default));
        Assert.Equal(("a.hl7", "b.hl7"), (Names("working"), Names("done")));
        scene.Node.Clock.Now += TimeSpan.FromMinutes(9);
        Write(message.AsSpan(message.Length / 2));
        Assert.Equal(0, await door.RunOnceAsync(default));
        scene.Node.Clock.Now += TimeSpan.FromMinutes(9);
        Assert.Equal(0, await door.RunOnceAsync(default));
        scene.Node.Clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal("a.hl7,b.hl7", Names("done"));
        Assert.Equal(3, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message WHERE state = 'received'"));
        Assert.Equal(3, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));

        void Write(ReadOnlySpan<byte> bytes)
        {
            writer.Write(bytes);
            writer.Flush();
        }
    }

    [Fact]
    public async Task A_file_that_changes_while_it_waits_for_its_turn_or_for_room_is_not_read_before_it_has_settled_again()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Options.FirstRetryDelay = TimeSpan.Zero;
        using var door = Door(scene, settled: TimeSpan.FromMinutes(10));
        Put("a.hl7", IntakeScene.Message("1"));
        Put("b.hl7", IntakeScene.Message("2"));
        var half = Encoding.UTF8.GetString(IntakeScene.Message("3").AsSpan(0, 60));
        var isAdded = false;
        scene.Database.OnUse = _ => // the folder was looked at, and the first file is on its way
        {
            if (!isAdded)
                File.AppendAllText(Path.Combine(folder, "b.hl7"), half);
            isAdded = true;
        };
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal(("b.hl7", "a.hl7", ""), (Names("working"), Names("done"), Names("failed")));
        Assert.Equal(0, await door.RunOnceAsync(default));
        scene.Node.Clock.Now += TimeSpan.FromMinutes(10);
        scene.Database.IsAway = true;
        Put("c.hl7", IntakeScene.Message("4"));
        Assert.Equal(0, await door.RunOnceAsync(default)); // b waits for the database, and c behind it
        Assert.Equal(("b.hl7", "c.hl7"), (Names("working"), Names("")));
        await File.AppendAllTextAsync(Path.Combine(folder, "working", "b.hl7"), half);
        scene.Database.IsAway = false;
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal(("b.hl7", "a.hl7,c.hl7"), (Names("working"), Names("done")));
        await File.WriteAllBytesAsync(Path.Combine(folder, "working", "b.hl7"), IntakeScene.Message("5")); // cut and written anew
        Assert.Equal(0, await door.RunOnceAsync(default));
        scene.Node.Clock.Now += TimeSpan.FromMinutes(10);
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal(("a.hl7,b.hl7,c.hl7", ""), (Names("done"), Names("failed")));
        Assert.Equal(3, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message WHERE state = 'received'"));
        Assert.Equal(3, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
    }

    [Fact]
    public async Task After_a_restart_a_file_that_was_being_read_and_is_still_written_is_not_read_before_it_has_settled()
    {
        await using var scene = await IntakeScene.StartAsync();
        using (var before = Door(scene))
            await before.RunOnceAsync(default);
        var path = Path.Combine(folder, "working", "a.hl7");
        await File.WriteAllBytesAsync(path, IntakeScene.Message("1"));
        File.SetLastWriteTimeUtc(path, scene.Node.Clock.Now.UtcDateTime);
        using var door = Door(scene, settled: TimeSpan.FromMinutes(10));
        Assert.Equal(0, await door.RunOnceAsync(default));
        scene.Node.Clock.Now += TimeSpan.FromMinutes(10);
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal("a.hl7", Names("done"));
    }

    [Fact]
    public async Task That_nothing_was_taken_is_said_only_where_it_is_so()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene, mostBytes: 1024);
        foreach (var (name, later) in new[] { ("cut.hl7", "BHS|^~\\&\r"), ("long.hl7", new string('x', 1024)) })
        {
            Put(name, IntakeScene.Message(name));
            var isAdded = false;
            scene.Database.OnUse = _ =>
            {
                if (!isAdded)
                    File.AppendAllText(Path.Combine(folder, "working", name), later);
                isAdded = true;
            };
            Assert.Equal(0, await door.RunOnceAsync(default));
            Assert.Equal(1, await door.RunOnceAsync(default));
            var reason = await File.ReadAllTextAsync(Path.Combine(folder, "failed", name + ".error"));
            Assert.Contains("an earlier look, before it changed or the node stopped, may have been", reason, StringComparison.Ordinal);
            Assert.DoesNotContain("Nothing of the file was taken", reason, StringComparison.Ordinal);
        }
        Assert.Equal(2, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
        Put("new.hl7", new byte[2000]);
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Contains("Nothing of the file was taken", await File.ReadAllTextAsync(Path.Combine(folder, "failed", "new.hl7.error")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_done_file_that_its_writer_goes_on_with_is_read_again_and_beside_a_failed_one_it_is_said()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var logs = new RecordedLogs();
        using var door = Door(scene, settled: TimeSpan.FromMinutes(1), logger: logs.CreateLogger<FolderDoor>());
        Put("good.hl7", IntakeScene.Message("1"));
        Put("bad.hl7", []);
        await using (var good = new FileStream(Path.Combine(folder, "good.hl7"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        await using (var bad = new FileStream(Path.Combine(folder, "bad.hl7"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            Assert.Equal(2, await door.RunOnceAsync(default));
            Assert.Equal(("good.hl7", "bad.hl7,bad.hl7.error"), (Names("done"), Names("failed")));
            scene.Node.Clock.Now += TimeSpan.FromMinutes(5);
            Assert.Equal(0, await door.RunOnceAsync(default));
            await good.WriteAsync(IntakeScene.Message("2"));
            await bad.WriteAsync(IntakeScene.Message("3"));
        }
        Assert.Equal(0, await door.RunOnceAsync(default));
        Assert.Equal(("good.hl7", "", "bad.hl7,bad.hl7.error"), (Names("working"), Names("done"), Names("failed")));
        Assert.Single(logs.Lines, line => line.StartsWith("2 files were written to after", StringComparison.Ordinal));
        var reason = await File.ReadAllTextAsync(Path.Combine(folder, "failed", "bad.hl7.error"));
        Assert.EndsWith("The file was written to after that. Put it into the folder again: what was taken of it has no second effect.\n", reason, StringComparison.Ordinal);
        scene.Node.Clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal("good.hl7", Names("done"));
        Assert.Equal(2, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
        Assert.Equal(reason, await File.ReadAllTextAsync(Path.Combine(folder, "failed", "bad.hl7.error"))); // said once
        scene.Node.Clock.Now += TimeSpan.FromMinutes(11);
        Assert.Equal(0, await door.RunOnceAsync(default));
        await File.AppendAllTextAsync(Path.Combine(folder, "done", "good.hl7"), "x"); // by no writer that is still at it
        Assert.Equal(0, await door.RunOnceAsync(default));
        Assert.Equal("good.hl7", Names("done"));
    }

    [Fact]
    public void A_file_that_somebody_deletes_after_it_was_read_leaves_the_folder_usable()
    {
        var watched = new WatchedFolder(folder);
        var now = DateTime.UtcNow;
        foreach (var bad in new[] { false, true })
        {
            Put("a.hl7", IntakeScene.Message("1"));
            var file = watched.PickUp(Assert.Single(watched.Waiting(now, TimeSpan.Zero)))!;
            File.Delete(file.Path);
            if (bad)
                watched.Failed(file, "a reason", now);
            else
                watched.Done(file, now);
        }
        Assert.Equal(("", "", "a.hl7.error"), (Names("working"), Names("done"), Names("failed")));
        Assert.Equal(0, watched.TakeBack(now));
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

    [Fact]
    public async Task A_file_that_cannot_be_read_holds_the_later_ones_up_for_three_rounds_and_then_fails()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene);
        Put("a.hl7", IntakeScene.Message("1"));
        Put("b.hl7", IntakeScene.Message("2"));
        using (new FileStream(Path.Combine(folder, "a.hl7"), FileMode.Open, FileAccess.Read, FileShare.None)) // locked
        {
            for (var i = 0; i < 2; i++)
            {
                Assert.Equal(0, await door.RunOnceAsync(default));
                Assert.Equal(("a.hl7", "b.hl7"), (Names("working"), Names("")));
            }
            Assert.Equal(2, await door.RunOnceAsync(default));
        }
        Assert.Equal(("a.hl7,a.hl7.error", "b.hl7"), (Names("failed"), Names("done")));
        Assert.Contains("IOException", await File.ReadAllTextAsync(Path.Combine(folder, "failed", "a.hl7.error")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_can_be_read_at_the_second_try_is_taken_before_the_later_ones()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene);
        Put("a.hl7", IntakeScene.Message("1"));
        Put("b.hl7", IntakeScene.Message("2"));
        using (new FileStream(Path.Combine(folder, "a.hl7"), FileMode.Open, FileAccess.Read, FileShare.None))
            Assert.Equal(0, await door.RunOnceAsync(default));
        Assert.Equal(2, await door.RunOnceAsync(default));
        Assert.Equal(["a.hl7", "b.hl7"], In("done"));
        var first = await scene.ScalarAsync<string>("SELECT id FROM intake_message ORDER BY sequence LIMIT 1");
        Assert.Equal(IntakeScene.Message("1").AsSpan().TrimEnd("\r"u8).ToArray(), await scene.Desk.ReadContentAsync(first!, "test", default));
    }

    [UnprivilegedFact]
    public async Task A_file_that_this_process_may_not_read_fails_at_once_and_the_others_are_taken()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene);
        Put("a.hl7", IntakeScene.Message("1"));
        Put("b.hl7", IntakeScene.Message("2"));
        File.SetUnixFileMode(Path.Combine(folder, "a.hl7"), UnixFileMode.None);
        Assert.Equal(2, await door.RunOnceAsync(default));
        Assert.Equal(("a.hl7,a.hl7.error", "b.hl7"), (Names("failed"), Names("done")));
    }

    [Fact]
    public async Task While_the_journal_is_full_no_later_file_overtakes_the_one_that_waits()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Options.FirstRetryDelay = TimeSpan.FromMilliseconds(10);
        using var door = Door(scene);
        Put("a.hl7", IntakeScene.Message("1"));
        Put("b.hl7", IntakeScene.Message("2"));
        scene.Disk.FreeBytes = 0;
        Assert.Equal(0, await door.RunOnceAsync(default));
        Assert.Equal(("a.hl7", "b.hl7"), (Names("working"), Names("")));
    }

    [Fact]
    public async Task A_pipe_in_the_folder_is_left_alone_and_nobody_waits_for_it()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene);
        Pipes.Make(Path.Combine(folder, "a.hl7"));
        Put("b.hl7", IntakeScene.Message("2"));
        Assert.Equal(1, await door.RunOnceAsync(default).WaitAsync(TimeSpan.FromMinutes(1)));
        Pipes.Make(Path.Combine(folder, "working", "c.hl7"));
        Put("d.hl7", IntakeScene.Message("4"));
        Assert.Equal(1, await door.RunOnceAsync(default).WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(["b.hl7", "d.hl7"], In("done"));
        Assert.Equal(["a.hl7"], In(""));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_takes_a_file_s_place_after_the_folder_was_looked_at_is_not_followed(bool pipe)
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene);
        Put("a.hl7", IntakeScene.Message("1"));
        Put("b.hl7", IntakeScene.Message("2"));
        var secret = Path.Combine(folder, ".secret");
        await File.WriteAllBytesAsync(secret, IntakeScene.Message("9"));
        var gate = new TaskCompletionSource();
        scene.Database.Gate = gate.Task;
        var round = door.RunOnceAsync(default);
        while (!In("working").Any())
            await Task.Delay(5);
        var place = Path.Combine(folder, "b.hl7");
        File.Delete(place);
        if (pipe)
            Pipes.Make(place);
        else
            File.CreateSymbolicLink(place, secret);
        gate.SetResult();
        Assert.Equal(2, await round.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(("a.hl7", "b.hl7,b.hl7.error"), (Names("done"), Names("failed")));
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
    }

    [Fact]
    public async Task A_name_as_long_as_the_file_system_takes_is_no_obstacle()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene);
        for (var i = 0; i < 2; i++)
        {
            Put(new string('é', 125) + ".hl7", "nothing of HL7"u8.ToArray());
            Assert.Equal(1, await door.RunOnceAsync(default));
        }
        Assert.Equal(4, In("failed").Count());
        Assert.All(In("failed"), name => Assert.Contains(".hl7", name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("done")]
    [InlineData("failed")]
    public async Task While_a_file_that_was_read_cannot_be_moved_away_it_did_not_fail_and_the_later_ones_wait(string away)
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene);
        Assert.Equal(0, await door.RunOnceAsync(default));
        Put("a.hl7", away == "done" ? IntakeScene.Message("1") : "nothing of HL7"u8.ToArray());
        Put("b.hl7", IntakeScene.Message("2"));
        var place = Path.Combine(folder, away);
        Directory.Delete(place);
        await File.WriteAllTextAsync(place, "");
        for (var i = 0; i < 4; i++)
        {
            var why = await Assert.ThrowsAnyAsync<IOException>(() => door.RunOnceAsync(default));
            Assert.Equal((true, false), (why.Message.Contains(place, StringComparison.Ordinal), why.ToString().Contains("a.hl7", StringComparison.Ordinal)));
        }
        Assert.Equal("a.hl7", Names("working"));
        Assert.True(File.Exists(Path.Combine(folder, "b.hl7")));
        File.Delete(place);
        Directory.CreateDirectory(place);
        Assert.Equal(2, await door.RunOnceAsync(default));
        Assert.Equal(away == "done" ? ("a.hl7,b.hl7", "") : ("b.hl7", "a.hl7,a.hl7.error"), (Names("done"), Names("failed")));
        Assert.Equal(away == "done" ? 2 : 1, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
    }

    [Fact]
    public async Task A_reason_that_a_crash_left_without_its_file_is_written_anew()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene);
        await door.RunOnceAsync(default);
        await File.WriteAllTextAsync(Path.Combine(folder, "failed", "x.hl7.error"), "of another time");
        Put("x.hl7", "nothing of HL7"u8.ToArray());
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal(["x.hl7", "x.hl7.error"], In("failed"));
        Assert.Contains("message.header_missing", await File.ReadAllTextAsync(Path.Combine(folder, "failed", "x.hl7.error")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_that_nobody_foresaw_is_tried_three_times_and_ends_neither_the_door_nor_what_comes_after()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var door = Door(scene);
        Put("a.hl7", IntakeScene.Message("1"));
        scene.Crashes.At = 1; // from here on every write fails with an exception that nobody knows
        for (var i = 0; i < 3; i++)
            Assert.Equal(i == 2 ? 1 : 0, await door.RunOnceAsync(default));
        Assert.Equal(["a.hl7", "a.hl7.error"], In("failed"));
        scene.Crashes.Clear();
        Put("b.hl7", IntakeScene.Message("2"));
        Assert.Equal(1, await door.RunOnceAsync(default));
        Assert.Equal(["b.hl7"], In("done"));
    }

    [RawNamesFact]
    public async Task A_file_whose_name_is_no_UTF_8_and_what_is_no_file_are_counted_and_told_once_until_that_changes()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var logs = new RecordedLogs();
        using var door = Door(scene, logger: logs.CreateLogger<FolderDoor>());
        Put("a.hl7", IntakeScene.Message("1"));
        var name = Encoding.Latin1.GetBytes(Path.Combine(folder, "Müller.hl7"));
        RawNames.Make(name);
        try
        {
            for (var i = 0; i < 3; i++)
                Assert.Equal(i == 0 ? 1 : 0, await door.RunOnceAsync(default));
            Assert.Equal(1, scene.Folder.Left);
            Assert.Equal([1], Told());
            Pipes.Make(Path.Combine(folder, "working", "pipe.hl7"));
            File.CreateSymbolicLink(Path.Combine(folder, "gone.hl7"), Path.Combine(folder, "nowhere"));
            File.CreateSymbolicLink(Path.Combine(folder, ".hidden"), Path.Combine(folder, "nowhere"));
            for (var i = 0; i < 2; i++)
                await door.RunOnceAsync(default);
            Assert.Equal(3, scene.Folder.Left);
            Assert.Equal([1, 3], Told());
            Directory.CreateDirectory(Path.Combine(folder, "from-the-laboratory"));
            Directory.CreateDirectory(Path.Combine(folder, ".git"));
            await door.RunOnceAsync(default);
            Assert.Equal(4, scene.Folder.Left);
            Directory.Delete(Path.Combine(folder, "from-the-laboratory"));
        }
        finally
        {
            RawNames.Delete(name);
        }
        File.Delete(Path.Combine(folder, "working", "pipe.hl7"));
        File.Delete(Path.Combine(folder, "gone.hl7"));
        await door.RunOnceAsync(default);
        Assert.Equal(0, scene.Folder.Left);

        IEnumerable<int> Told() => logs.Lines.Where(line => line.Contains("entries of the folder", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
    }

    private FolderDoor Door(IntakeScene scene, TimeSpan? settled = null, int mostBytes = 1024 * 1024, TimeSpan? keep = null, ILogger<FolderDoor>? logger = null) => new(
        new BatchReceiver(scene.Receiver), scene.Folder,
        Microsoft.Extensions.Options.Options.Create(new FolderOptions
        {
            Path = folder, Settled = settled ?? TimeSpan.Zero, MaxFileBytes = mostBytes, KeepDone = keep ?? TimeSpan.FromDays(365),
        }),
        Microsoft.Extensions.Options.Options.Create(scene.Options), scene.Node.Clock, logger ?? NullLogger<FolderDoor>.Instance);

    // Long ago by any clock of the tests.
    private void Put(string name, byte[] content)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, content);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }

    private IEnumerable<string> In(string name) => Directory.GetFiles(Path.Combine(folder, name)).Select(path => Path.GetFileName(path)).Where(name => name[0] != '.').Order(StringComparer.Ordinal);

    private string Names(string name) => string.Join(',', In(name));

    private static byte[] Lines(params byte[][] messages) => [.. messages.SelectMany(message => message)];
}
