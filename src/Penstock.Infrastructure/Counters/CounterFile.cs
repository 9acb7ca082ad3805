using System.Globalization;
using System.Numerics;
using System.Text;
using Penstock.Infrastructure.Memory;

namespace Penstock.Infrastructure.Counters;

/// <summary>
/// All counters of a process in one mapped file (R51–R53). Each has one writing thread and a line pair of its own; any process
/// reads names, labels, sentences and values from the file alone, whenever it likes, also after the writer has died.
/// <code>
///   [ header 4096 ][ counter 0 │ 128 bytes ][ counter 1 ] …   [ histogram 0 │ 57 KiB ] …   [ text ]
///
///   text, one line per instance, tabs between, so that `strings` shows it at 3 a.m. without this program:
///   kind   id   slot   name   label   sentence
/// </code>
/// Instances are added while the process runs (a venue connects): the line is written first, then the length of the text with a
/// release store, so a reader never sees half a line. Metrics are best effort: when the file is full, further instances count
/// into a spare place that nobody reads, and <see cref="Dropped"/> says how many; trading does not stop for want of a counter.
/// </summary>
public sealed unsafe class CounterFile : IDisposable
{
    private const int FormatVersion = 1;
    private const string Kind = "COUNTERS";
    private const int SlotBytes = AlignedMemory.LinePairBytes;
    private const int TextBytesPerInstance = 256;

    private const int HistogramBytes =
        (Histogram.WordCount * sizeof(long) + AlignedMemory.LinePairBytes - 1) & -AlignedMemory.LinePairBytes;

    // The file's own header words.
    private const int TextLengthWord = 0;
    private const int HistogramCapacityWord = 1;
    private const int DroppedWord = 2;

    private static readonly MappedShape Shape = new(Kind, FormatVersion, SlotBytes, sizeof(long), "counters");

    private readonly MappedFile _file;
    private readonly MappedHeader _header;
    private readonly int _histogramCapacity;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, CounterDeclaration> _declarations = [];
    private readonly List<PublishedCounter> _instances = [];
    private Histogram? _scratch;
    private long _textParsed;
    private int _countersUsed;
    private int _histogramsUsed;
    private bool _disposed;

    private CounterFile(MappedFile file)
    {
        _file = file;
        _header = new MappedHeader(file.Pointer);
        _histogramCapacity = (int)_header.Own[HistogramCapacityWord];
    }

    public string Path => _file.Path;

    public long Generation => _header.Generation;

    public int ProducerPid => _header.ProducerPid;

    /// <summary>True when the writer closed the file or a new one took its name: open the path again.</summary>
    public bool ProducerGone => _header.State != MappedState.Live;

    /// <summary>The writer's monotonic clock at its last <see cref="Heartbeat"/>; 0 before the first.</summary>
    public long HeartbeatNs => Volatile.Read(ref *_header.HeartbeatNs);

    /// <summary>Instances that found no room: their values are not in the file.</summary>
    public long Dropped => Volatile.Read(ref _header.Own[DroppedWord]);

    /// <summary>Lines of the text that made no sense; anything but 0 means a damaged file.</summary>
    public long Malformed { get; private set; }

    /// <summary>Makes the file and becomes its writer; an existing counter file of that name is superseded.</summary>
    /// <param name="declarations">Everything the process may count.</param>
    /// <param name="counterCapacity">Instances at most; rounded up to a power of two.</param>
    /// <param name="histogramCapacity">Distributions at most; each takes 57 KiB.</param>
    /// <exception cref="ArgumentException">Two declarations with one id or name, or a text that would break the lines.</exception>
    /// <exception cref="MappedFileException">Folder, permission, room on the disk, or a foreign file of that name.</exception>
    public static CounterFile Create(
        string path, IReadOnlyList<CounterDeclaration> declarations, int counterCapacity = 1024, int histogramCapacity = 64)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(counterCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(counterCapacity, 1 << 20);
        ArgumentOutOfRangeException.ThrowIfNegative(histogramCapacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(histogramCapacity, 1 << 14);
        foreach (var declaration in declarations) Check(declaration, declarations);

        // One more slot than asked for: the spare that dropped instances share.
        var slots = (int)BitOperations.RoundUpToPowerOf2((uint)counterCapacity + 1);
        var textBytes = (long)(slots + histogramCapacity) * TextBytesPerInstance;
        var body = (long)slots * SlotBytes + (long)histogramCapacity * HistogramBytes + textBytes;
        var file = MappedHeader.Create(path, Shape, slots, body,
            made => new MappedHeader(made.Pointer).Own[HistogramCapacityWord] = histogramCapacity);
        var counters = new CounterFile(file);
        foreach (var declaration in declarations) counters._declarations.Add(declaration.Id, declaration);
        return counters;
    }

    /// <summary>Attaches to the counters of this or another process, read-only.</summary>
    /// <exception cref="MappedFileException">Not there, not a counter file, another version, or damaged.</exception>
    public static CounterFile Open(string path)
    {
        var file = MappedHeader.Open(path, Shape);
        var header = new MappedHeader(file.Pointer);
        var histograms = header.Own[HistogramCapacityWord];
        var text = header.BodyBytes - (long)header.Capacity * SlotBytes - histograms * HistogramBytes;
        if (histograms is >= 0 and <= 1 << 14 && text >= 0) return new CounterFile(file);
        var fault = MappedHeader.Fault(path, Kind, MappedFileFault.Damaged,
            $"{histograms} histograms do not fit into its {header.BodyBytes} bytes.");
        file.Dispose();
        throw fault;
    }

    /// <summary>A new instance of a declared counter, at zero. Cold; any thread. The handle then belongs to one thread.</summary>
    /// <param name="label">Which one of several; empty when there is one.</param>
    /// <exception cref="ArgumentException">Not declared, declared as a histogram, or added before: two writers would share it.</exception>
    public Counter Add(int id, string label = "")
    {
        lock (_gate)
        {
            var declaration = Declared(id, label);
            if (declaration.Kind == CounterKind.Histogram)
            {
                throw new ArgumentException($"Counter {declaration.Name} is declared as a histogram: use AddHistogram.", nameof(id));
            }

            var spare = _header.Capacity - 1;
            if (_countersUsed < spare && Append(declaration, label, _countersUsed)) return new Counter(Slot(_countersUsed++));
            _header.Own[DroppedWord]++;
            return new Counter(Slot(spare));
        }
    }

    /// <summary>A new instance of a declared histogram, empty. Cold; any thread. The histogram then belongs to one thread.</summary>
    /// <exception cref="ArgumentException">Not declared, not declared as a histogram, or added before.</exception>
    public Histogram AddHistogram(int id, string label = "")
    {
        lock (_gate)
        {
            var declaration = Declared(id, label);
            if (declaration.Kind != CounterKind.Histogram)
            {
                throw new ArgumentException($"Counter {declaration.Name} is declared as {declaration.Kind}: use Add.", nameof(id));
            }

            if (_histogramsUsed < _histogramCapacity && Append(declaration, label, _histogramsUsed))
            {
                return Histogram.OverMemory(HistogramWords(_histogramsUsed++));
            }

            _header.Own[DroppedWord]++;
            return new Histogram();
        }
    }

    /// <summary>Says that the writing process lives.</summary>
    public void Heartbeat(long nowNs) => Volatile.Write(ref *_header.HeartbeatNs, nowNs);

    /// <summary>Every counter with its value now, in the order they were added.</summary>
    public IReadOnlyList<CounterReading> ReadCounters()
    {
        lock (_gate)
        {
            Refresh();
            var readings = new List<CounterReading>(_instances.Count);
            foreach (var i in _instances)
            {
                if (i.Kind == CounterKind.Histogram) continue;
                readings.Add(new CounterReading(i.Id, i.Name, i.Label, i.Sentence, i.Kind, Volatile.Read(ref *Slot(i.Slot))));
            }

            return readings;
        }
    }

    /// <summary>
    /// The values alone, in the order of <see cref="ReadCounters"/>: for whoever looks often and knows the names from before. Allocates nothing.
    /// </summary>
    /// <param name="values">Filled from its beginning; what does not fit is left out.</param>
    /// <returns>How many counters there are: another number than before means other names.</returns>
    public int ReadValues(Span<long> values)
    {
        lock (_gate)
        {
            Refresh();
            var count = 0;
            foreach (var i in _instances)
            {
                if (i.Kind == CounterKind.Histogram) continue;
                if (count < values.Length) values[count] = Volatile.Read(ref *Slot(i.Slot));
                count++;
            }

            return count;
        }
    }

    /// <summary>The values of one counter, over all its labels in the order they were added; empty when there is none of that name.</summary>
    public IReadOnlyList<long> ReadValues(string name)
    {
        lock (_gate)
        {
            Refresh();
            var values = new List<long>();
            foreach (var i in _instances)
            {
                if (i.Kind != CounterKind.Histogram && i.Name == name) values.Add(Volatile.Read(ref *Slot(i.Slot)));
            }

            return values;
        }
    }

    /// <summary>Every histogram with its figures now, in the order they were added.</summary>
    public IReadOnlyList<HistogramReading> ReadHistograms() => ReadHistograms((reading, _) => reading);

    /// <summary>What is made of each histogram: of its figures and of the buckets they were taken from.</summary>
    /// <param name="view">The buckets are its own for the length of the call only: all histograms are read into the same room.</param>
    public IReadOnlyList<T> ReadHistograms<T>(Func<HistogramReading, Histogram, T> view)
    {
        lock (_gate)
        {
            Refresh();
            var views = new List<T>();
            var room = _scratch ??= new Histogram();
            foreach (var i in _instances)
            {
                if (i.Kind != CounterKind.Histogram) continue;
                Copy(i.Slot, room);
                views.Add(view(new HistogramReading(i.Id, i.Name, i.Label, i.Sentence, room.Summarize()), room));
            }

            return views;
        }
    }

    /// <summary>A private copy of one histogram, to merge with others; null when there is no such instance.</summary>
    public Histogram? CopyHistogram(int id, string label = "")
    {
        lock (_gate)
        {
            Refresh();
            var instance = _instances.Find(i => i.Kind == CounterKind.Histogram && i.Id == id && i.Label == label);
            return instance is null ? null : Copy(instance.Slot, new Histogram());
        }
    }

    /// <summary>Copies the unlabelled histogram of that name into one kept for it: 57 KiB each time would be a reader's largest cost.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="into">What was in it is gone.</param>
    /// <returns>False, and nothing is changed, when there is none.</returns>
    public bool TryCopyHistogram(string name, Histogram into)
    {
        lock (_gate)
        {
            Refresh();
            foreach (var i in _instances)
            {
                if (i.Kind != CounterKind.Histogram || i.Name != name || i.Label.Length > 0) continue;
                Copy(i.Slot, into);
                return true;
            }

            return false;
        }
    }

    /// <summary>Unmaps the file. Every thread that holds a <see cref="Counter"/> has stopped before; the file stays readable.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            if (_file.IsWritable && _header.State == MappedState.Live) _header.State = MappedState.Closed;
            _file.Dispose();
        }
    }

    private long* Slot(int index) => (long*)(_header.Body + (long)index * SlotBytes);

    private byte* Histograms => _header.Body + (long)_header.Capacity * SlotBytes;

    private long* HistogramWords(int index) => (long*)(Histograms + (long)index * HistogramBytes);

    private byte* Text => Histograms + (long)_histogramCapacity * HistogramBytes;

    private long TextCapacity => _header.BodyBytes - (Text - _header.Body);

    private Histogram Copy(int slot, Histogram into)
    {
        into.Reset();
        into.Merge(Histogram.OverMemory(HistogramWords(slot)));
        return into;
    }

    private CounterDeclaration Declared(int id, string label)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_file.IsWritable) throw new InvalidOperationException($"{Path} was opened for reading; only the process that created it adds counters.");
        if (!_declarations.TryGetValue(id, out var declaration)) throw new ArgumentException($"Counter {id} is not declared.", nameof(id));
        if (BreaksLines(label)) throw new ArgumentException($"A label must be one line without tabs, was '{label}'.", nameof(label));
        Refresh();
        if (_instances.Exists(i => i.Id == id && i.Label == label))
        {
            throw new ArgumentException($"Counter {declaration.Name} '{label}' exists already; two writers would overwrite each other.", nameof(label));
        }

        return declaration;
    }

    private bool Append(CounterDeclaration declaration, string label, int slot)
    {
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{declaration.Kind}\t{declaration.Id}\t{slot}\t{declaration.Name}\t{label}\t{declaration.Sentence}\n");
        var bytes = Encoding.UTF8.GetBytes(line);
        var length = _header.Own[TextLengthWord];
        if (length + bytes.Length > TextCapacity) return false;
        bytes.CopyTo(new Span<byte>(Text + length, bytes.Length));
        // Release: the whole line is there before the length says so. Partner: the acquire load in Refresh.
        Volatile.Write(ref _header.Own[TextLengthWord], length + bytes.Length);
        return true;
    }

    private void Refresh()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var length = Math.Min(Volatile.Read(ref _header.Own[TextLengthWord]), TextCapacity);
        if (length <= _textParsed) return;
        var text = Encoding.UTF8.GetString(Text + _textParsed, (int)(length - _textParsed));
        _textParsed = length;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Parse(line) is { } instance) _instances.Add(instance);
            else Malformed++;
        }
    }

    private PublishedCounter? Parse(string line)
    {
        var fields = line.Split('\t');
        if (fields.Length != 6 || !Enum.TryParse<CounterKind>(fields[0], out var kind) || kind == CounterKind.None) return null;
        if (!int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return null;
        if (!int.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var slot)) return null;
        var limit = kind == CounterKind.Histogram ? _histogramCapacity : _header.Capacity;
        return slot < limit ? new PublishedCounter(kind, id, slot, fields[3], fields[4], fields[5]) : null;
    }

    private static void Check(CounterDeclaration declaration, IReadOnlyList<CounterDeclaration> all)
    {
        if (declaration.Id < 1) throw new ArgumentException($"Counter ids begin at 1; {declaration.Name} has {declaration.Id}.");
        if (declaration.Kind is CounterKind.None or > CounterKind.Histogram) throw new ArgumentException($"Counter {declaration.Name} has no kind.");
        if (declaration.Name.Length == 0 || declaration.Name.Any(c => c is not (>= 'a' and <= 'z' or >= '0' and <= '9' or '_')))
        {
            throw new ArgumentException($"A counter's name must be lower case letters, digits and underscores, was '{declaration.Name}'.");
        }

        if (declaration.Sentence.Length == 0 || BreaksLines(declaration.Sentence))
        {
            throw new ArgumentException($"Counter {declaration.Name} needs one sentence on one line without tabs.");
        }

        if (all.Count(d => d.Id == declaration.Id || d.Name == declaration.Name) > 1)
        {
            throw new ArgumentException($"Counter {declaration.Id} ({declaration.Name}) is declared twice.");
        }
    }

    private static bool BreaksLines(string text) => text.AsSpan().IndexOfAny('\t', '\n', '\r') >= 0;

    private sealed record PublishedCounter(CounterKind Kind, int Id, int Slot, string Name, string Label, string Sentence);
}
