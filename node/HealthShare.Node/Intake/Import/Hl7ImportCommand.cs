using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Node.Cli;
using HealthShare.Node.Intake.Folder;

namespace HealthShare.Node.Intake.Import;

/// <summary>
/// <c>healthshare hl7 import PATH…</c>: brings files of messages to the node that runs here. Exit status: 0 all was accepted, 1 something was
/// refused or could not be sent, 2 wrong usage.
/// </summary>
internal static class Hl7ImportCommand
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromMinutes(5);

    // No links, which could lead round in a circle, and no folder left out in silence.
    private static readonly EnumerationOptions BelowFolders = new()
    {
        RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false,
    };

    private const string NoteBeginning = "healthshare-import-", NoteEnding = ".note";

    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH") { Description = "Files, or folders whose files are all imported, in the order of their names; links in folders are passed over.", Arity = ArgumentArity.OneOrMore };
        var config = NodeSettings.ConfigOption();
        var token = NodeToken.Option("a system or an IT administrator");
        var noteFile = new Option<FileInfo?>("--note")
        {
            Description = "File that notes how far the import is; default: one in the current folder, named by the paths. It is deleted once all files are through.", HelpName = "FILE",
        };
        var patience = new Option<int>("--wait") { Description = "Longest to wait for a node that does not answer, in seconds.", HelpName = "SECONDS", DefaultValueFactory = _ => 60 };
        patience.Validators.Add(result =>
        {
            if (result.GetValue(patience) is < 0 or > 86_400)
                result.AddError("--wait is a number of seconds from 0 to 86,400.");
        });
        var json = new Option<bool>("--json") { Description = "Print the summary as one JSON object." };
        var command = new Command("import", """
            Bring files of HL7 v2 messages to the node that runs here, with or without envelopes (FHS, BHS, BTS, FTS).
            Interrupted, the same command goes on where it was; messages that the node has already have no second effect.
            """)
        {
            paths, config, token, noteFile, patience, json,
        };
        command.SetAction((parsed, ct) =>
        {
            var console = parsed.InvocationConfiguration;
            var report = new ImportReport(console.Output, console.Error, console.Error == Console.Error && !Console.IsErrorRedirected, parsed.GetValue(json), TimeProvider.System);
            return NodeSettings.WithAsync(parsed.GetValue(config), console.Error, async settings =>
            {
                if (await NodeToken.ReadAsync(parsed.GetValue(token), ct) is not { } secret)
                {
                    await console.Error.WriteLineAsync(NodeToken.Missing);
                    return NodeCommandLine.WrongUsage;
                }
                var note = parsed.GetValue(noteFile)?.FullName ?? DefaultNote(parsed.GetRequiredValue(paths));
                if (await FilesAsync(parsed.GetRequiredValue(paths), note, report, console.Error) is not var (files, missing))
                    return NodeCommandLine.WrongUsage;
                using var client = LocalNode.Connect(settings, CallLimit);
                client.DefaultRequestHeaders.Authorization = NodeToken.Header(secret);
                return await RunAsync(client, files, missing, note, TimeSpan.FromSeconds(parsed.GetValue(patience)), report, ct);
            });
        });
        return command;
    }

    private static async Task<int> RunAsync(
        HttpClient client, List<FileInfo> files, List<string> missing, string noteFile, TimeSpan patience, ImportReport report, CancellationToken ct)
    {
        using var note = ImportNote.Open(noteFile);
        if (missing.Find(path => note.OfMissing(path) is null) is { } unknown)
        {
            await report.SayAsync(NotThere(unknown));
            return NodeCommandLine.WrongUsage;
        }
        foreach (var path in missing)
        {
            if (note.OfMissing(path) is (false, var sent))
                await report.FileFailedAsync(path, $"it is not there any more, and an earlier run sent no more than its first {sent} bytes.");
            else
                await report.SayAsync($"{path}: it is not there any more; an earlier run was through with it, or told that it failed.");
        }
        var importer = new Importer(client, note, report, patience, TimeProvider.System);
        try
        {
            foreach (var file in files)
                await importer.ImportAsync(file, ct);
        }
        catch (ImportStoppedException e)
        {
            await report.SayAsync($"{e.Message} The same command goes on from here.");
            return e.IsUsage ? NodeCommandLine.WrongUsage : NodeCommandLine.Failure;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await report.SayAsync($"Stopped after {report.Summary.Messages} messages. The same command goes on from here.");
            return NodeCommandLine.Failure;
        }
        if (report.Summary.FailedFiles == 0)
            note.Remove();
        else
            await report.SayAsync($"What was sent is noted in {noteFile}. Once the rest is mended or taken away, the same command sends it and deletes the note.");
        await report.FinishAsync();
        return report.Summary is { FailedFiles: 0, Refused: 0 } ? NodeCommandLine.Success : NodeCommandLine.Failure;
    }

    // What is missing may have been taken away since an earlier run, of which there is a note then.
    private static async Task<(List<FileInfo> Files, List<string> Missing)?> FilesAsync(string[] paths, string note, ImportReport report, TextWriter error)
    {
        var (files, missing) = (new List<FileInfo>(), new List<string>());
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
            {
                try
                {
                    foreach (var entry in new DirectoryInfo(path).EnumerateFileSystemInfos("*", BelowFolders).OrderBy(entry => entry.FullName, StringComparer.Ordinal))
                    {
                        if (entry is FileInfo file && PlainFile.IsAt(file.FullName))
                        {
                            if (file.FullName != note && !IsNote(file.Name))
                                files.Add(file);
                        }
                        else if (entry.Name.Contains('\uFFFD', StringComparison.Ordinal) && !Path.Exists(entry.FullName))
                        {
                            await report.FileFailedAsync(entry.FullName, "the name is no UTF-8, so nothing under it can be opened: rename it.");
                        }
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    await error.WriteLineAsync($"The folder '{path}' cannot be read: {e.Message}");
                    return null;
                }
            }
            else if (File.Exists(path))
            {
                files.Add(new FileInfo(path));
            }
            else if (File.Exists(note))
            {
                missing.Add(Path.GetFullPath(path));
            }
            else
            {
                await error.WriteLineAsync(NotThere(path));
                return null;
            }
        }
        return (files, missing);
    }

    private static string NotThere(string path) => $"There is no file or folder '{path}'.";

    // By what was asked for, and not by the files that are there: those come and go between two runs of the same import.
    private static string DefaultNote(string[] paths)
    {
        var name = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', paths.Select(Path.GetFullPath))));
        return Path.GetFullPath(NoteBeginning + Convert.ToHexStringLower(name)[..12] + NoteEnding);
    }

    // Of this or of another import from this folder.
    private static bool IsNote(string name) => name.StartsWith(NoteBeginning, StringComparison.Ordinal) && name.EndsWith(NoteEnding, StringComparison.Ordinal);
}
