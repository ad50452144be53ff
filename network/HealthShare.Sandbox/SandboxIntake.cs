namespace HealthShare.Sandbox;

/// <summary>What a hospital has beside its MLLP port to take messages in: a watched folder, and rules of its own for categories and labels.</summary>
internal static class SandboxIntake
{
    /// <summary>Name of the rules in a hospital's folder, and of the sample that they begin as.</summary>
    public const string LabelsFile = "labels.json";

    /// <summary>Folder into which files of messages are put; what became of them stands in <c>done</c> and <c>failed</c> in it.</summary>
    public static string FolderOf(DirectoryInfo state, SandboxMember hospital) => Path.Combine(state.FullName, hospital.Key, "drop");

    /// <summary>The hospital's rules, which lie over the shipped ones; read at each start.</summary>
    public static string LabelsOf(DirectoryInfo state, SandboxMember hospital) => Path.Combine(state.FullName, hospital.Key, LabelsFile);

    /// <summary>The settings of a hospital's node for both. Writes the sample rules where there are none yet: others are left as they are.</summary>
    public static IReadOnlyDictionary<string, string?> Prepare(DirectoryInfo state, SandboxMember hospital)
    {
        var labels = LabelsOf(state, hospital);
        if (!File.Exists(labels))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(labels)!);
            // At once as a whole: a start that is broken off leaves no half a file, which would stop the next one.
            File.WriteAllBytes(labels + ".new", Sample());
            File.Move(labels + ".new", labels);
        }
        return new Dictionary<string, string?>
        {
            ["HealthShare:Folder:Path"] = FolderOf(state, hospital),
            // Whoever tries it wants to see it happen.
            ["HealthShare:Folder:Every"] = "00:00:00.500",
            ["HealthShare:Folder:Settled"] = "00:00:01",
            ["HealthShare:Intake:LabelsFile"] = labels,
        };
    }

    private static byte[] Sample()
    {
        using var stream = typeof(SandboxIntake).Assembly.GetManifestResourceStream(LabelsFile)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
