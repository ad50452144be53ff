using System.Text;
using System.Text.Json;
using HealthShare.Node.Auth;
using HealthShare.Node.Cli;
using HealthShare.Node.Intake.Import;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>Bulk import through the node's HTTP door.</summary>
public sealed class Hl7ImportTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("hs-import-").FullName;
    private readonly MemoryChannel channel = new();
    private NodeHost north = null!;
    private string? url;

    public async Task InitializeAsync()
    {
        north = await NodeHost.StartOnAsync(channel);
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
            note.Add(new FileInfo(file), 200);
        await File.AppendAllTextAsync(NoteFile, "99\t12"); // cut in the middle of a line
        var resumed = await ImportAsync(file);
        Assert.Equal((0, 30), (resumed.Exit, Count(resumed, "accepted")));

        using (var note = ImportNote.Open(NoteFile))
            note.Add(new FileInfo(file), 200);
        await File.AppendAllTextAsync(file, Encoding.UTF8.GetString(IntakeScene.Message("new"))); // another file now: from its beginning
        Assert.Equal(201, Count(await ImportAsync(file), "accepted"));
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

    private async Task<int> ListedAsync()
    {
        using var engine = north.Client(Role.System);
        return (await engine.GetOkAsync("/api/v1/messages?limit=500")).GetProperty("messages").GetArrayLength();
    }

    private async Task<(int Exit, string Said, string Errors)> ImportAsync(string path, Role role = Role.System)
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
                ["hl7", "import", path, "--config", config, "--token-file", token, "--note", NoteFile, "--wait", "0", "--json"], output, error);
            return (exit, output.ToString(), error.ToString());
        }
        finally
        {
            Directory.Delete(settings, recursive: true);
        }
    }
}
