using System.Text;
using System.Text.Json;
using HealthShare.Node.Auth;
using HealthShare.Node.Cli;
using HealthShare.Node.Intake.Import;
using HealthShare.UnitTests.Node.Support;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>Bulk import through the node's HTTP door.</summary>
public sealed class Hl7ImportTests : IAsyncLifetime
{
    private const int MostBytes = 64 * 1024;
    private readonly string folder = Directory.CreateTempSubdirectory("hs-import-").FullName;
    private readonly MemoryChannel channel = new();
    private NodeHost north = null!;
    private string? url;

    public async Task InitializeAsync()
    {
        north = await NodeHost.StartOnAsync(channel, settings: new Dictionary<string, string?>
        {
            ["HealthShare:Intake:MaxMessageBytes"] = MostBytes.ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
        await channel.InitAsync(("NorthMSP", north));
    }

    public async Task DisposeAsync()
    {
        await north.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        File.Delete(NoteFile);
    }

    [Fact]
    public async Task Files_and_folders_are_imported_once_however_often_the_command_runs()
    {
        Put("a.hl7", 0, 230);
        Put("sub/b.hl7", 230, 5);
        var first = await ImportAsync(folder);
        Assert.Equal((0, 235, 0), (first.Exit, Count(first, "accepted"), Count(first, "refused")));
        Assert.Equal(2, Count(first, "files"));
        Assert.False(File.Exists(NoteFile));
        var again = await ImportAsync(folder);
        Assert.Equal((0, 0, 235), (again.Exit, Count(again, "accepted"), Count(again, "duplicates")));
        Assert.Equal(235, await ListedAsync());
    }

    [Fact]
    public async Task An_import_goes_on_where_an_earlier_one_stopped()
    {
        var file = Put("a.hl7", 0, 230);
        using (var note = ImportNote.Open(NoteFile))
            note.Add(new FileInfo(file), OffsetOf(file, 200));
        await File.AppendAllTextAsync(NoteFile, "99\t12"); // cut in the middle of a line
        var resumed = await ImportAsync(file);
        Assert.Equal((0, 30), (resumed.Exit, Count(resumed, "accepted")));

        using (var note = ImportNote.Open(NoteFile))
            note.Add(new FileInfo(file), OffsetOf(file, 200));
        await File.AppendAllTextAsync(file, Encoding.UTF8.GetString(IntakeScene.Message("new"))); // another file now: from its beginning
        Assert.Equal(201, Count(await ImportAsync(file), "accepted"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_note_of_another_form_or_a_place_inside_a_message_in_parts_leaves_nothing_out(bool otherForm)
    {
        var parts = string.Concat(Enumerable.Range(0, 10).Select(i => string.Concat(Enumerable.Range(0, 5).Select(part =>
            $"MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|P{i}-{part}|P|2.5||{(part == 0 ? "\rPID|1||4711^^^NORTH^MR" : $"K{i}-{part}")}\rOBX|1|TX|R||x\r{(part < 4 ? $"DSC|K{i}-{part + 1}\r" : "")}"))));
        var file = Path.Combine(folder, "a.hl7");
        await File.WriteAllTextAsync(file, parts + Encoding.UTF8.GetString([.. Enumerable.Range(0, 100).SelectMany(i => IntakeScene.Message($"I{i}"))]));
        var info = new FileInfo(file);
        if (otherForm)
            await File.WriteAllTextAsync(NoteFile, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"\n{info.Length}\t{info.LastWriteTimeUtc.Ticks}\t60\t{info.FullName}\n"));
        else
            using (var note = ImportNote.Open(NoteFile))
                note.Add(info, parts.IndexOf("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|P3-2", StringComparison.Ordinal));
        var result = await ImportAsync(file);
        Assert.Equal((0, otherForm ? 110 : 107), (result.Exit, Count(result, "accepted")));
        Assert.Equal(0, Count(result, "refused"));
    }

    [Fact]
    public async Task What_is_refused_is_told_with_its_place_and_without_its_content()
    {
        var file = Put("a.hl7", 0, 3);
        await File.AppendAllTextAsync(file, "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|x|P|2.5\rPID|1||||Quastenflosser\r");
        var (exit, said, errors) = await ImportAsync(file);
        Assert.Equal((1, 3, 1), (exit, Count((exit, said, errors), "accepted"), Count((exit, said, errors), "refused")));
        Assert.Contains("message 4 is in quarantine", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Quastenflosser", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_with_wrong_envelopes_or_none_of_HL7_is_left_and_the_others_are_imported()
    {
        Put("good.hl7", 0, 2);
        await File.WriteAllTextAsync(Path.Combine(folder, "cut.hl7"), "BHS|^~\\&\r" + Encoding.UTF8.GetString(IntakeScene.Message("c")));
        await File.WriteAllTextAsync(Path.Combine(folder, "notes.txt"), "to whom it may concern");
        var result = await ImportAsync(folder);
        Assert.Equal((1, 1, 2, 2), (result.Exit, Count(result, "files"), Count(result, "failedFiles"), Count(result, "accepted")));
        Assert.True(File.Exists(NoteFile)); // mended files go on from there
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_note_that_a_failed_file_left_serves_the_next_run_and_is_gone_once_that_file_is_mended_or_taken_away(bool mended)
    {
        Put("good.hl7", 0, 2);
        var bad = Path.Combine(folder, "bad.hl7");
        await File.WriteAllTextAsync(bad, "to whom it may concern");
        var failed = await ImportAsync(folder, note: null);
        Assert.Equal((1, 2), (failed.Exit, Count(failed, "accepted")));
        var note = Assert.Single(Notes());
        Assert.Contains($"noted in {note}", failed.Errors, StringComparison.Ordinal);
        if (mended)
            Put("bad.hl7", 10, 3);
        else
            File.Delete(bad);
        var again = await ImportAsync(folder, note: null);
        Assert.Equal((0, mended ? 3 : 0, 0), (again.Exit, Count(again, "accepted"), Count(again, "duplicates")));
        Assert.Empty(Notes());

        // In the folder where the command runs; other tests leave theirs there.
        List<string> Notes() => [.. Directory.GetFiles(Directory.GetCurrentDirectory(), "healthshare-import-*.note").Where(note => File.ReadAllText(note).Contains(folder, StringComparison.Ordinal))];
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_was_named_itself_and_failed_may_be_taken_away_and_the_note_with_it(bool before)
    {
        var good = Put("good.hl7", 0, 2);
        var bad = Path.Combine(folder, "bad.hl7");
        await File.WriteAllTextAsync(bad, "to whom it may concern");
        string[] paths = before ? [bad, good] : [good, bad];
        Assert.Equal(1, (await ImportAsync(paths)).Exit);
        File.Delete(bad);
        var again = await ImportAsync(paths);
        Assert.Equal((0, 0, 0), (again.Exit, Count(again, "accepted"), Count(again, "failedFiles")));
        Assert.Contains($"{bad}: it is not there any more", again.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(NoteFile));
        Assert.Equal(2, (await ImportAsync(paths)).Exit); // without a note it may be a slip of the pen
    }

    [Fact]
    public async Task A_file_that_was_named_itself_and_is_gone_before_all_of_it_was_sent_is_no_success_and_one_that_nobody_knows_is_wrong_usage()
    {
        var (good, half) = (Put("good.hl7", 0, 2), Put("half.hl7", 10, 3));
        using (var note = ImportNote.Open(NoteFile))
            note.Add(new FileInfo(half), OffsetOf(half, 1));
        File.Delete(half);
        var first = await ImportAsync([half, good]);
        Assert.Equal((1, 2, 1), (first.Exit, Count(first, "accepted"), Count(first, "failedFiles")));
        Assert.Contains("no more than its first", first.Errors, StringComparison.Ordinal);
        Assert.True(File.Exists(NoteFile));
        var unknown = await ImportAsync([Path.Combine(folder, "absent.hl7"), good]);
        Assert.Equal((2, ""), (unknown.Exit, unknown.Said));
        Assert.Contains("There is no file or folder", unknown.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_note_of_an_import_is_no_file_of_it()
    {
        var bad = Path.Combine(folder, "bad.hl7");
        await File.WriteAllTextAsync(bad, "to whom it may concern");
        var note = Path.Combine(folder, "how-far.note");
        await File.WriteAllTextAsync(Path.Combine(folder, "healthshare-import-0123456789ab.note"), "another import's");
        Assert.Equal(1, Count(await ImportAsync(folder, note: note), "failedFiles"));
        Put("bad.hl7", 0, 1);
        Assert.Equal(0, (await ImportAsync(folder, note: note)).Exit);
        Assert.False(File.Exists(note));
    }

    [RawNamesFact]
    public async Task What_has_a_name_that_is_no_UTF_8_is_told_and_counts_as_failed()
    {
        Put("good.hl7", 0, 2);
        var (file, below) = (Encoding.Latin1.GetBytes(Path.Combine(folder, "Müller.hl7")), Encoding.Latin1.GetBytes(Path.Combine(folder, "Größe")));
        byte[] hidden = [.. below, .. "/c.hl7"u8];
        RawNames.Make(file);
        RawNames.MakeFolder(below);
        RawNames.Make(hidden);
        try
        {
            var result = await ImportAsync(folder);
            Assert.Equal((1, 1, 2, 2), (result.Exit, Count(result, "files"), Count(result, "failedFiles"), Count(result, "accepted")));
            Assert.Contains("ller.hl7: the name is no UTF-8", result.Errors, StringComparison.Ordinal);
            Assert.Contains("e: the name is no UTF-8", result.Errors, StringComparison.Ordinal);
        }
        finally
        {
            RawNames.Delete(file);
            RawNames.Delete(hidden);
            RawNames.DeleteFolder(below);
        }
    }

    [Fact]
    public async Task A_file_with_lines_outside_of_messages_is_left_whole_and_links_and_pipes_in_a_folder_are_passed_over()
    {
        Put("good.hl7", 0, 2);
        await File.WriteAllTextAsync(Path.Combine(folder, "cut.hl7"), "OBX|7|the end of a message\r" + Encoding.UTF8.GetString(IntakeScene.Message("c")));
        Directory.CreateSymbolicLink(Path.Combine(folder, "round"), folder);
        File.CreateSymbolicLink(Path.Combine(folder, "link.hl7"), Path.Combine(folder, "good.hl7"));
        Pipes.Make(Path.Combine(folder, "pipe.hl7"));
        var result = await ImportAsync(folder);
        Assert.Equal((1, 1, 1, 2), (result.Exit, Count(result, "files"), Count(result, "failedFiles"), Count(result, "accepted")));
        Assert.Contains("cut.hl7: nothing of it was sent", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_in_parts_is_imported_as_one_and_is_never_cut_by_the_size_of_a_step()
    {
        var parts = new StringBuilder(Encoding.UTF8.GetString([.. Enumerable.Range(0, 60).SelectMany(i => IntakeScene.Message($"I{i}"))]));
        for (var i = 0; i < 80; i++)
        {
            parts.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|P{i}|P|2.5||{(i == 0 ? "\rPID|1||4711^^^NORTH^MR" : $"K{i}")}\rOBX|{i}|TX|R||x\r{(i < 79 ? $"DSC|K{i + 1}\r" : "")}");
        }
        await File.WriteAllTextAsync(Path.Combine(folder, "a.hl7"), parts.ToString());
        var result = await ImportAsync(folder);
        Assert.Equal((0, 61, 0), (result.Exit, Count(result, "accepted"), Count(result, "refused")));
    }

    [Fact]
    public async Task Where_the_node_takes_shorter_bodies_than_a_step_has_each_message_goes_that_is_not_too_long_itself()
    {
        var first = $"MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|P1|P|2.5\rPID|1||4711^^^NORTH^MR\rOBX|1|TX|R||{new string('x', MostBytes / 2)}\rDSC|K\r";
        var second = "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|P2|P|2.5||K\rOBX|2|TX|R||";
        second += new string('y', MostBytes + 20 - first.Length - second.Length) + "\r"; // longer than one may be, and joined not
        Put([.. Enumerable.Range(0, 20).Select(i => OfLength($"L{i}", 10_000)), OfLength("longest", MostBytes), Encoding.UTF8.GetBytes(first + second)]);
        var result = await ImportAsync(folder);
        Assert.Equal((0, 22, 0, 1), (result.Exit, Count(result, "accepted"), Count(result, "refused"), Count(result, "files")));
    }

    [Fact]
    public async Task A_message_that_is_too_long_is_named_by_its_place_each_time_and_the_rest_is_imported()
    {
        Put([OfLength("a", 200), OfLength("long", MostBytes + 1), OfLength("b", 40_000), OfLength("c", 40_000), OfLength("longer", 3 * 1024 * 1024), OfLength("d", 200)]);
        for (var i = 0; i < 2; i++)
        {
            var result = await ImportAsync(folder);
            Assert.Equal((1, 0, 1), (result.Exit, Count(result, "files"), Count(result, "failedFiles")));
            Assert.Equal(i == 0 ? (4, 0) : (0, 3), (Count(result, "accepted"), Count(result, "duplicates"))); // from the first too long one on
            Assert.Contains("message 2, from byte 201, is longer", result.Errors, StringComparison.Ordinal);
            Assert.Contains("message 5, from byte", result.Errors, StringComparison.Ordinal);
        }
        Assert.Equal(4, await ListedAsync());
    }

    [Fact]
    public async Task A_file_that_is_too_long_to_be_read_at_once_is_named_with_what_to_do_and_the_others_are_imported()
    {
        Put("a.hl7", 0, 3);
        await using (var archive = File.Create(Path.Combine(folder, "archive.hl7")))
            archive.SetLength((long)Array.MaxLength + 1); // takes no room
        var result = await ImportAsync(folder);
        Assert.Equal((1, 3, 1), (result.Exit, Count(result, "accepted"), Count(result, "failedFiles")));
        Assert.Contains("archive.hl7", result.Errors, StringComparison.Ordinal);
        Assert.Contains("longer than 2 GiB", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_note_that_cannot_be_written_is_said_before_anything_is_sent()
    {
        var file = Put("a.hl7", 0, 1);
        var result = await ImportAsync(file, note: folder);
        Assert.Equal((1, ""), (result.Exit, result.Said));
        Assert.Contains("denied", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal); // one line, and no stack
        Assert.Equal(0, await ListedAsync());
    }

    [Fact]
    public async Task Wrong_usage_and_a_node_that_is_away_have_their_exit_status()
    {
        var file = Put("a.hl7", 0, 1);
        Assert.Equal(2, (await ImportAsync(Path.Combine(folder, "absent"))).Exit);
        Assert.Equal(2, (await ImportAsync(file, Role.Physician)).Exit);
        await north.App.StopAsync();
        var away = await ImportAsync(file);
        Assert.Equal(1, away.Exit);
        Assert.Contains("goes on from here", away.Errors, StringComparison.Ordinal);
    }

    // Beside the folder, since all of that is imported.
    private string NoteFile => folder + ".note";

    private static int Count((int Exit, string Said, string Errors) result, string name) =>
        JsonDocument.Parse(result.Said).RootElement.GetProperty(name).GetInt32();

    private string Put(string name, int first, int count)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, [.. Enumerable.Range(first, count).SelectMany(i => IntakeScene.Message($"I{i}", value: $"{i}"))]);
        return path;
    }

    private void Put(params byte[][] messages) => File.WriteAllBytes(Path.Combine(folder, "long.hl7"), [.. messages.SelectMany(message => (byte[])[.. message, (byte)'\r'])]);

    // Without an end of line at its end.
    private static byte[] OfLength(string controlId, int length)
    {
        var shortest = Encoding.UTF8.GetString(IntakeScene.Message(controlId, value: "1")).TrimEnd('\r') + "\rNTE|1||";
        return Encoding.UTF8.GetBytes(shortest + new string('x', length - shortest.Length));
    }

    // Where a message begins, from 0.
    private static long OffsetOf(string file, int message)
    {
        var bytes = File.ReadAllBytes(file).AsSpan();
        var at = 0;
        for (var i = 0; i < message; i++)
            at += 3 + bytes[(at + 3)..].IndexOf("MSH|"u8);
        return at;
    }

    private async Task<int> ListedAsync()
    {
        using var engine = north.Client(Role.System);
        return (await engine.GetOkAsync("/api/v1/messages?limit=500")).GetProperty("messages").GetArrayLength();
    }

    private Task<(int Exit, string Said, string Errors)> ImportAsync(string path, Role role = Role.System) => ImportAsync([path], NoteFile, role);

    private Task<(int Exit, string Said, string Errors)> ImportAsync(string path, string? note) => ImportAsync([path], note);

    private Task<(int Exit, string Said, string Errors)> ImportAsync(string[] paths) => ImportAsync(paths, NoteFile);

    private async Task<(int Exit, string Said, string Errors)> ImportAsync(string[] paths, string? note, Role role = Role.System)
    {
        var settings = Directory.CreateTempSubdirectory("hs-import-settings-").FullName; // not among what is imported
        try
        {
            var (config, token) = (Path.Combine(settings, "node.json"), Path.Combine(settings, "token"));
            url ??= north.App.Urls.Single();
            await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new { HealthShare = new { Http = new { Url = url } } }));
            await File.WriteAllTextAsync(token, NodeHost.TokenOf(role));
            using var output = new StringWriter();
            using var error = new StringWriter();
            var exit = await NodeCommandLine.RunAsync(
                ["hl7", "import", .. paths, "--config", config, "--token-file", token, .. note is null ? Array.Empty<string>() : ["--note", note], "--wait", "0", "--json"], output, error);
            return (exit, output.ToString(), error.ToString());
        }
        finally
        {
            Directory.Delete(settings, recursive: true);
        }
    }
}
