/* The attention day by hand: what sim/kernels/attention.py does, as plain C on the very same arrays.
 *
 * Recall, slate, choice and use, with the same arithmetic, the same counter-based draws and the same polynomials. The
 * structs come from tables.h, which benchmarks/by_hand.py writes from the tables' declarations; `x_n` is the length of
 * a row of the array `x`. Enumerated recall is left out. It is a yardstick, not a second model: what a rule means is
 * said beside the kernel.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>
#include "tables.h"

#define INLINE static inline __attribute__((always_inline))
#define GOLDEN 0x9E3779B97F4A7C15ull
#define LINE 64 /* room of a slate */

typedef float Eight __attribute__((vector_size(32), aligned(4)));

enum { FOLLOWED, FRIENDS, INTEREST, TRENDING, EXPLORATION, QUERY };
enum { D_NEED, D_SCREEN, D_PLATFORM, D_DEEP, D_EVIDENCE, D_FOLLOW, D_PLACE, D_UNFOLLOW, D_POST, D_SHARE, D_TALK };
enum { D_CHOICE = 20, D_SECONDS = 21, D_SLOT = 100, TRIES = 3, HUMAN = 0, ASSISTED = 1, GENERATED = 2, CONFIRMED = 1, REFUTED = 2, IMPOSTOR = 3 };
enum { SECONDS, USES, ATTENDED, CHANCE, ENGAGED, PLEASURE, SPREAD };
static const float DECLARED = 9.0f, HALF_DEPTH = 0.5f, MIN_TRUST = 0.005f;

/* Draws */

INLINE uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

INLINE uint64_t origin_of(uint64_t key, uint64_t step, uint64_t uid) {
    return mix(mix(key + step * GOLDEN) ^ mix(uid + GOLDEN));
}

INLINE double fraction(uint64_t word) { return ((double)(word >> 11) + 0.5) * 0x1p-53; }
INLINE double unit(uint64_t start, uint64_t draw) { return fraction(mix(start + (draw + 1) * GOLDEN)); }

/* Elementary functions */

INLINE float least(float a, float b) { return a < b ? a : b; }
INLINE float most(float a, float b) { return a > b ? a : b; }

INLINE float exp4(float x) {
    x = least(most(x, -87.0f), 88.0f);
    float k = floorf(x * 1.44269504f + 0.5f);
    float r = x - k * 0.693359375f - k * -2.12194440e-4f;
    float p = ((((1.9875691500e-4f * r + 1.3981999507e-3f) * r + 8.3334519073e-3f) * r + 4.1665795894e-2f) * r
               + 1.6666665459e-1f) * r + 5.0000001201e-1f;
    union { int32_t bits; float value; } power = {((int32_t)k + 127) << 23};
    return (p * r * r + r + 1.0f) * power.value;
}

INLINE float log4(float x) {
    union { float value; int32_t bits; } in = {most(x, 1e-30f)}, part;
    float k = (float)((in.bits >> 23) - 126);
    part.bits = (in.bits & 0x007FFFFF) | 0x3F000000;
    float m = part.value;
    int small = m < 0.70710678f;
    k = small ? k - 1.0f : k;
    m = small ? m + m : m;
    m -= 1.0f;
    float p = (((((((7.0376836292e-2f * m - 1.1514610310e-1f) * m + 1.1676998740e-1f) * m - 1.2420140846e-1f) * m
                  + 1.4249322787e-1f) * m - 1.6668057665e-1f) * m + 2.0000714765e-1f) * m - 2.4999993993e-1f) * m
              + 3.3333331174e-1f;
    float z = m * m;
    return m + (m * z * p + k * -2.12194440e-4f - 0.5f * z) + k * 0.693359375f;
}

INLINE float sigmoid(double x) { return 1.0f / (1.0f + exp4((float)-x)); }

INLINE float normal_cdf(float x) {
    float t = 1.0f / (1.0f + 0.2316419f * fabsf(x));
    float p = ((((1.330274429f * t - 1.821255978f) * t + 1.781477937f) * t - 0.356563782f) * t + 0.319381530f) * t;
    float tail = 0.39894228f * exp4(-0.5f * x * x) * p, rest = 1.0f - tail;
    return x > 0 ? rest : tail;
}

INLINE float quantile_of(double p) {
    float q = (float)(p < 1.0 - p ? p : 1.0 - p);
    float t = sqrtf(-2.0f * log4(most(q, 1e-12f)));
    float top = 2.515517f + (0.802853f + 0.010328f * t) * t;
    float z = t - top / (1.0f + (1.432788f + (0.189269f + 0.001308f * t) * t) * t);
    return p > 0.5 ? z : -z;
}

INLINE float sum_of(Eight v) {
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

INLINE float squared_distance(const float *a, const float *b) {
    Eight x = *(const Eight *)a - *(const Eight *)b;
    return sum_of(x * x);
}

INLINE int64_t pick4(const float *cumulative, int64_t n, double u) {
    double x = u * cumulative[n - 1];
    int64_t k = 0;
    for (int64_t j = 0; j < n - 1; j++) k += cumulative[j] <= x;
    return k;
}

INLINE int64_t pick8(const double *cumulative, int64_t n, double u) {
    double x = u * cumulative[n - 1];
    int64_t k = 0;
    for (int64_t j = 0; j < n - 1; j++) k += cumulative[j] <= x;
    return k;
}

/* Platform */

INLINE int choose_platform(const Consumers *p, int64_t i, const Market *m, const Rules *r, double u_need,
                           double u_screen, double u_platform) {
    int64_t kinds = m->pull_n;
    int64_t need = pick4(p->needs + i * p->needs_n, p->needs_n, u_need);
    float score[LINE];
    double top = -1e30;
    for (int64_t k = 0; k < kinds; k++) {
        score[k] = -1e30f;
        if (!m->is_open[k] || !p->installed[i * kinds + k]) continue;
        double v = m->pull[need * kinds + k] + p->platform_taste[i * kinds + k];
        v += r->satisfaction_weight * p->satisfaction[i * kinds + k];
        v += r->trust_weight * (p->trust[i * kinds + k] - r->trust_start);
        score[k] = (float)(v / r->nest);
        top = score[k] > top ? score[k] : top;
    }
    if (top < -1e29) return -1;
    double total = 0.0;
    for (int64_t k = 0; k < kinds; k++) {
        total += score[k] > -1e29 ? exp4((float)(score[k] - top)) : 0.0f;
        score[k] = (float)total;
    }
    if (u_screen > sigmoid(r->nest * (top + log4((float)total)) - r->off_screen)) return -1;
    return (int)pick4(score, kinds, u_platform);
}

/* Recall */

INLINE int32_t draw_listing(const Shelf *shelf, int64_t cell, double u) {
    int64_t lo = shelf->start[cell], n = shelf->start[cell + 1] - lo;
    if (n == 0) return -1;
    double x = u * n;
    int64_t k = (int64_t)x;
    k = k < n - 1 ? k : n - 1;
    const Slot *slot = &shelf->slot[lo + k];
    return x - k < slot->keep ? slot->listing : slot->other;
}

INLINE int32_t place_on(const Catalogue *c, int32_t item, int platform) {
    for (int64_t s = 0; s < c->listings_n; s++) {
        int32_t j = c->listings[item * c->listings_n + s];
        if (j >= 0 && c->platform[j] == platform) return j;
    }
    return -1;
}

INLINE int32_t draw_followed(const Consumers *p, int64_t i, const Catalogue *c, int platform, int tick,
                             uint64_t word) {
    int32_t n = p->n_follows[i];
    if (n == 0) return -1;
    int32_t whom = p->follows[i * p->follows_n + (word >> 40) % (uint64_t)n];
    const Recent *latest = &c->recent[whom * c->recent_n + (word >> 20) % (uint64_t)c->recent_n];
    if (!(latest->platforms >> platform & 1) || c->cards[latest->item].serial != latest->serial) return -1;
    int32_t j = place_on(c, latest->item, platform);
    return j >= 0 && c->opens[j] <= tick ? j : -1;
}

INLINE int32_t draw_shared(const Consumers *p, int64_t i, const CSR *graph, const Catalogue *c, int platform, int tick,
                           float life, double u) {
    int64_t lo = graph->indptr[i], n = graph->indptr[i + 1] - lo;
    if (n == 0) return -1;
    int64_t at = (int64_t)(u * n);
    const Share *share = &p->shared[graph->indices[lo + (at < n - 1 ? at : n - 1)]];
    if (tick - share->tick > life || c->platform[share->listing] != platform) return -1;
    int32_t item = c->item[share->listing];
    return item >= 0 && (uint16_t)c->cards[item].serial == share->serial ? share->listing : -1;
}

INLINE int32_t draw_query(const Consumers *p, int64_t i, const Catalogue *c, int64_t cell, int candidates,
                          uint64_t word) {
    int32_t best = -1;
    float near = 1e30f;
    for (int t = 0; t < candidates; t++) {
        word = mix(word + GOLDEN);
        int32_t j = draw_listing(&c->query, cell, fraction(word));
        if (j < 0) continue;
        float d = squared_distance(c->cards[c->item[j]].concept, p->taste + i * p->taste_n);
        if (d < near) best = j, near = d;
    }
    return best;
}

INLINE int32_t draw_slot(const Consumers *p, int64_t i, const Catalogue *c, const CSR *graph, const Rules *r,
                         const double *mix_of_sources, int platform, int tick, uint64_t word) {
    int64_t genres = p->affinity_n;
    int source = (int)pick8(mix_of_sources, 6, (word >> 40) * 0x1p-24);
    double genre_draw = (word >> 20 & 0xFFFFF) * 0x1p-20;
    word = mix(word + GOLDEN);
    double w = fraction(word);
    if (source <= FRIENDS) {
        int32_t j = source == FOLLOWED ? draw_followed(p, i, c, platform, tick, word)
                                       : draw_shared(p, i, graph, c, platform, tick, r->share_ticks, w);
        if (j >= 0) return j;
        w = fraction(mix(word + GOLDEN));
    }
    int64_t cell = platform * genres + pick4(p->affinity + i * genres, genres, genre_draw);
    if (source == QUERY) return draw_query(p, i, c, cell, (int)r->query_candidates, word);
    if (source == TRENDING) return draw_listing(&c->trend, platform, w);
    if (source == EXPLORATION) return draw_listing(&c->test, platform, w);
    return draw_listing(&c->serve, cell, w);
}

/* Slate */

INLINE int fill_slate(const Consumers *p, int64_t i, int platform, const Catalogue *c, const CSR *graph,
                      const Market *m, const Rules *r, int tick, uint64_t start, const Events *e, int32_t *item) {
    int filled = 0;
    int64_t slots = e->slate_n;
    uint64_t arm = mix(mix(p->uid[i] + GOLDEN) ^ m->experiment[platform]) >> 63;
    const double *sources = m->mix + (platform * 2 + arm) * 6;
    for (int64_t s = 0; s < slots; s++) {
        for (int t = 0; t < TRIES; t++) {
            uint64_t word = mix(start + (uint64_t)(D_SLOT + TRIES * s + t) * GOLDEN);
            int32_t j = draw_slot(p, i, c, graph, r, sources, platform, tick, word);
            if (j < 0) continue;
            int32_t found = c->item[j];
            int known = 0;
            for (int q = 0; q < filled; q++) known |= item[q] == found;
            if (known) continue;
            e->slate[i * slots + filled] = j;
            item[filled++] = found;
            __builtin_prefetch(&c->cards[found], 0, 3);
            break;
        }
    }
    return filled;
}

/* Choice */

INLINE int holds(const int32_t *row, int64_t n, int32_t value) {
    int found = 0;
    for (int64_t s = 0; s < n; s++) found |= row[s] == value;
    return found;
}

INLINE float distance_to_memory(const Consumers *p, int64_t i, const float *concept) {
    int64_t slots = p->memory_n / 8, n = p->n_seen[i] < slots ? p->n_seen[i] : slots;
    const float *memory = p->memory + i * p->memory_n;
    if (n <= 1) return n == 1 ? sqrtf(squared_distance(concept, memory)) : 0.0f;
    float near[3] = {1e30f, 1e30f, 1e30f};
    for (int64_t a = 0; a < n; a++) {
        float d = squared_distance(concept, memory + 8 * a);
        for (int b = 0; b < 3; b++) {
            float low = least(near[b], d);
            d = most(near[b], d);
            near[b] = low;
        }
    }
    int k = n < 3 ? (int)n : 3;
    double total = 0.0;
    for (int a = 0; a < k; a++) total += sqrtf(near[a]);
    return (float)(total / k);
}

INLINE float plain_utility(const Consumers *p, int64_t i, const Card *card, const int32_t *persona, const Rules *r) {
    const float *taste = p->taste + i * p->taste_n;
    const int32_t *mine = p->follows + i * p->follows_n;
    float fit = r->dot_product ? sum_of(*(const Eight *)card->concept * *(const Eight *)taste)
                               : -0.5f * squared_distance(card->concept, taste);
    float u = card->appeal + r->beta_taste * fit;
    u += (r->craft_base + r->craft_expertise * most(p->expertise[i], -1.0f)) * card->craft;
    u += r->beta_emotion * card->emotion;
    if (holds(mine, p->follows_n, card->producer)) u += r->beta_follow;
    else if (card->accuracy == IMPOSTOR && holds(mine, p->follows_n, persona[card->producer]))
        u += r->beta_follow * 2.0f * normal_cdf(-0.5f * p->discernment[i]);
    u -= r->beta_effort * most(0.0f, card->depth - p->habit[i]);
    return u - p->satiation[i * p->satiation_n + card->genre];
}

typedef struct {
    float util[LINE], weight[LINE], fresh[LINE], detectability[LINE], emotion[LINE], fame[LINE], depth[LINE];
    float cumulative[LINE], deep[LINE], length[LINE];
} Slate;

INLINE void score_slate(const Consumers *p, int64_t i, const Market *m, const Rules *r, int slots, Slate *w) {
    float belief = p->prevalence[i], d_prime = p->d_prime[i], stance = p->stance[i];
    int soulless = p->creed[i] == 0;
    float criterion = quantile_of(1.0f - belief) + belief * d_prime;
    for (int s = 0; s < slots; s++) {
        float novelty = w->fresh[s], detectability = w->detectability[s], emotion = w->emotion[s];
        float guess = normal_cdf(d_prime * detectability - criterion), call = detectability >= DECLARED ? 1.0f : guess;
        float x = (log4(novelty) - r->novelty_peak) / r->novelty_width;
        float u = w->util[s] + r->novelty_amplitude * exp4(-0.5f * x * x);
        float feeling = 1.0f + emotion / (1.0f + fabsf(emotion)), stale = 2.0f / (1.0f + novelty * novelty);
        float averse = stance * (soulless ? feeling : stale);
        u -= call * (stance > 0.0f ? averse : stance);
        w->util[s] = u;
        w->detectability[s] = call;
        float worth = least(u, 50.0f) + r->beta_popularity * w->fame[s];
        w->weight[s] = exp4(r->choice * worth) * m->place[s];
    }
}

INLINE int has_seen(const Consumers *p, int64_t i, uint32_t serial) {
    const uint32_t *seen = p->seen + i * p->seen_n;
    int found = 0;
    for (int64_t s = 0; s < p->seen_n; s++) found |= seen[s] == serial;
    return found;
}

INLINE int choose_item(const Consumers *p, int64_t i, int platform, const Catalogue *c, const Market *m,
                           const Rules *r, uint64_t start, const Events *e, const int32_t *item, int filled,
                       Slate *w) {
    int known = p->n_seen[i] > 0, counts = m->counts[platform];
    for (int s = 0; s < filled; s++) {
        const Card *card = &c->cards[item[s]];
        w->util[s] = plain_utility(p, i, card, c->persona, r);
        w->detectability[s] = card->detectability;
        w->fresh[s] = known ? most(distance_to_memory(p, i, card->concept) / m->memory_unit, 1e-6f) : 1.0f;
        w->emotion[s] = card->emotion;
        w->fame[s] = counts ? c->fame[item[s]] : 0.0f;
        w->depth[s] = card->depth;
    }
    score_slate(p, i, m, r, (filled + 7) & ~7, w);
    double surplus = 0.0, total = 0.0, *calls = e->calls + i * e->calls_n;
    for (int s = 0; s < filled; s++) {
        const Card *card = &c->cards[item[s]];
        surplus += exp4(least(w->util[s], 50.0f));
        if (has_seen(p, i, card->serial)) w->weight[s] = 0.0f;
        total += w->weight[s];
        w->cumulative[s] = (float)total;
        if (card->origin == HUMAN) calls[0] += 1.0 - w->detectability[s], calls[1] += 1.0;
        else if (card->origin != ASSISTED && card->detectability < DECLARED) calls[2] += 1.0 - w->detectability[s], calls[3] += 1.0;
    }
    if (filled > 0) e->surplus[i] = log4((float)(1.0 + surplus * e->slate_n / filled));
    return total > 0.0 ? (int)pick4(w->cumulative, filled, unit(start, D_CHOICE)) : -1;
}

/* Use */

INLINE float judge(const Consumers *p, int64_t i, int platform, const Card *card, const Catalogue *c, const Rules *r,
                   uint64_t start, const Events *e) {
    float d = p->discernment[i], *trust = p->trust + i * p->trust_n + platform, t = *trust;
    float evidence = d * (card->accuracy > 0) + quantile_of(unit(start, D_EVIDENCE));
    float label = card->detectability >= DECLARED ? r->label : 0.0f;
    float judged = sigmoid(log4(t / (1.0f - t)) - d * evidence + 0.5f * d * d - label);
    if (card->mark == REFUTED) judged -= r->mark_belief * judged;
    else if (card->mark == CONFIRMED) judged += r->mark_belief * (1.0f - judged);
    float step = 0.0f, right = 0.0f;
    const int32_t *slate = e->slate + i * e->slate_n;
    for (int64_t s = 0; s < e->slate_n && slate[s] >= 0; s++) {
        const Card *met = &c->cards[c->item[slate[s]]];
        float told = met->mark > 0 ? r->marked_step : r->checked_step;
        step += told;
        right += told * (met->accuracy == 0);
    }
    t += r->trust_step * (judged - t);
    if (step > 0.0f) t += (1.0f - exp4(-step)) * (right / step - t);
    *trust = least(most(t, MIN_TRUST), 1.0f - MIN_TRUST);
    return judged;
}

INLINE void remember(const Consumers *p, int64_t i, const Card *card, const Rules *r) {
    int64_t slots = p->memory_n / 8;
    int32_t n = p->n_seen[i];
    double step = slots > 1 ? 1.0 : r->memory_step > 1.0 / (n + 1.0) ? r->memory_step : 1.0 / (n + 1.0);
    float *memory = p->memory + i * p->memory_n + n % slots * 8;
    for (int d = 0; d < 8; d++) memory[d] = (float)(memory[d] + step * (card->concept[d] - memory[d]));
    p->seen[i * p->seen_n + n % p->seen_n] = card->serial;
    p->n_seen[i] = n + 1;
}

INLINE void follow_or_drop(const Consumers *p, int64_t i, int32_t producer, double pleasure, const Rules *r,
                           uint64_t start, const Events *e) {
    int32_t n = p->n_follows[i], slots = (int32_t)p->follows_n, *mine = p->follows + i * p->follows_n;
    int64_t place = (int64_t)(unit(start, D_PLACE) * n), last = (n > 1 ? n : 1) - 1;
    place = place < last ? place : last;
    if (unit(start, D_UNFOLLOW) < (double)r->unfollow_rate * n) {
        n--;
        e->lost[i] = mine[place];
        mine[place] = mine[n];
        mine[n] = -1;
    }
    if (pleasure > 0.0 && unit(start, D_FOLLOW) < r->follow_rate && !holds(mine, slots, producer)) {
        if (n < slots) place = n++;
        else e->lost[i] = mine[place];
        e->gained[i] = producer;
        mine[place] = producer;
    }
    p->n_follows[i] = n;
}

INLINE double use_item(const Consumers *p, int64_t i, int32_t j, const Catalogue *c, const Rules *r, double utility,
                       double novelty, float deep_chance, uint64_t start, const Events *e) {
    const Card *card = &c->cards[c->item[j]];
    int k = c->platform[j];
    double pleasure = utility - p->pleasure[i];
    int deep = unit(start, D_DEEP) < deep_chance;
    e->listing[i] = j;
    e->deep[i] = (uint8_t)deep;
    e->utility[i] = (float)utility;
    double felt = (deep ? 1.0 : r->skim) * card->depth - p->habit[i];
    p->habit[i] = (float)(p->habit[i] + r->habit_step * felt);
    double evenly = 1.0 / (p->n_seen[i] + 1.0), step = evenly > r->pleasure_settled ? evenly : r->pleasure_step;
    p->pleasure[i] = (float)(p->pleasure[i] + step * pleasure);
    float *satisfaction = p->satisfaction + i * p->satisfaction_n + k;
    *satisfaction = (float)(*satisfaction + r->satisfaction_step * (pleasure - *satisfaction));
    p->satiation[i * p->satiation_n + card->genre] += r->satiation * exp4((float)(-0.5f * novelty * novelty));
    p->n_used[i]++;
    p->n_shallow[i] += card->depth < HALF_DEPTH;
    e->judged[i] = judge(p, i, k, card, c, r, start, e);
    remember(p, i, card, r);
    follow_or_drop(p, i, card->producer, pleasure, r, start, e);
    return pleasure;
}

/* Where the time goes */

INLINE void expect_use(const Consumers *p, int64_t i, const Rules *r, int slots, Slate *w) {
    float usual = p->pleasure[i], habit = p->habit[i];
    for (int s = 0; s < slots; s++) {
        float x = r->deep_base + r->deep_habit * (habit - w->depth[s]) + r->deep_pleasure * (w->util[s] - usual);
        w->deep[s] = 1.0f / (1.0f + exp4(-x));
        w->length[s] = r->short_ * exp4(r->stretch * w->depth[s]);
    }
}

INLINE void spread_use(int64_t i, int64_t row, int filled, const Catalogue *c, const Rules *r, uint64_t start,
                       const Events *e, const int32_t *item, const Slate *w) {
    float met = 0.0f, until_now[LINE], total = w->cumulative[filled - 1], skim = r->skim, deep_seconds = 0.0f;
    for (int s = 0; s < filled; s++) {
        met += w->weight[s] * w->length[s] * (skim + (1.0f - skim) * w->deep[s]);
        until_now[s] = met;
    }
    double seconds = e->seconds[i], roll = unit(start, D_SECONDS);
    float uses = (float)(seconds * total / met);
    int64_t before = 0;
    for (int s = 0; s < filled; s++) {
        int64_t until = (int64_t)(seconds * (until_now[s] / met) + roll);
        float chance = w->weight[s] / total, deep = w->deep[s], in_full = uses * chance * w->length[s];
        float *out = e->spread + row * e->spread_n + s * SPREAD;
        out[SECONDS] = (float)(until - before);
        out[USES] = uses * chance;
        out[ATTENDED] = in_full * (deep + (1.0f - deep) * skim * skim);
        out[CHANCE] = chance;
        out[ENGAGED] = chance * (skim + (1.0f - skim) * deep);
        out[PLEASURE] = chance * w->util[s];
        deep_seconds += in_full * deep;
        if (c->cards[item[s]].origin == GENERATED) e->generated_seconds[i] += (int32_t)(until - before);
        before = until;
    }
    int64_t deeply = (int64_t)(deep_seconds + roll);
    e->uses[i] = uses;
    e->deep_seconds[i] = deeply < e->seconds[i] ? (int32_t)deeply : e->seconds[i];
}

INLINE void use_one(int64_t i, int64_t row, int at, const Catalogue *c, const Rules *r, const Events *e,
                    const int32_t *item, const Slate *w) {
    int32_t seconds = e->seconds[i];
    float share = e->deep[i] ? 1.0f : r->skim, *out = e->spread + row * e->spread_n + at * SPREAD;
    int uses = (int)(seconds / (share * w->length[at]) + 0.5);
    uses = uses > 1 ? uses : 1;
    out[SECONDS] = (float)seconds, out[USES] = (float)uses, out[ATTENDED] = seconds * share;
    out[CHANCE] = 1.0f, out[ENGAGED] = share, out[PLEASURE] = w->util[at];
    e->uses[i] = (float)uses;
    e->deep_seconds[i] = e->deep[i] ? seconds : 0;
    e->generated_seconds[i] = c->cards[item[at]].origin == GENERATED ? seconds : 0;
}

INLINE int poisson(float mean, double u) {
    if (mean <= 0.0f) return 0;
    if (mean > 50.0f) {
        double t = sqrt(-2.0 * log(u < 1.0 - u ? u : 1.0 - u));
        double z = t - (2.30753 + 0.27061 * t) / (1.0 + 0.99229 * t + 0.04481 * t * t);
        int n = (int)(mean + (u > 0.5 ? z : -z) * sqrt(mean) + 0.5);
        return n > 0 ? n : 0;
    }
    double p = expf(-mean), total = p;
    int n = 0;
    while (u > total && n < 1000) {
        n++;
        p *= (double)mean / n;
        total += p;
    }
    return n;
}

INLINE void post_and_share(const Consumers *p, int64_t i, int32_t j, const Catalogue *c, const Rules *r,
                           double pleasure, uint64_t start, const Events *e) {
    int posts = poisson(p->activity[i] * r->days, unit(start, D_POST));
    e->posts[i] = posts;
    if (posts == 0 || j < 0) return;
    const Card *card = &c->cards[c->item[j]];
    double x = r->share_base + r->share_pleasure * pleasure + r->share_emotion * card->emotion;
    x += r->share_trust * (p->trust[i * p->trust_n + c->platform[j]] - 0.6);
    if (e->judged[i] < 0.5) x -= r->share_doubt;
    if (card->detectability >= DECLARED) x -= r->label;
    float kept = sigmoid(x) * (card->mark == REFUTED ? r->mark_sharing : 1.0f);
    float days = least((float)posts, r->days);
    e->shares[i] = unit(start, D_SHARE) < 1.0f - exp4(days * log4(most(1.0f - kept, 1e-9f)));
}

/* Ask for the wide columns of a consumer whose session comes soon. */
INLINE void look_ahead(const Consumers *p, const CSR *graph, int64_t i) {
    __builtin_prefetch(p->taste + i * p->taste_n);
    __builtin_prefetch(p->affinity + i * p->affinity_n);
    __builtin_prefetch(p->satiation + i * p->satiation_n);
    __builtin_prefetch(p->memory + i * p->memory_n);
    __builtin_prefetch(p->platform_taste + i * p->platform_taste_n);
    __builtin_prefetch(p->satisfaction + i * p->satisfaction_n);
    __builtin_prefetch(p->trust + i * p->trust_n);
    __builtin_prefetch(p->follows + i * p->follows_n);
    __builtin_prefetch(p->seen + i * p->seen_n);
    __builtin_prefetch(graph->indptr + i);
}

/* Sessions of consumers lo to hi at one tick. The tables are copied so that no store can be thought to change them. */
void spend_sessions(int64_t lo, int64_t hi, int tick, uint64_t key, const Consumers *consumers,
                    const Catalogue *catalogue, const CSR *csr, const Market *platforms, const Rules *rules,
                    const Events *events) {
    const Consumers people = *consumers, *p = &people;
    const Catalogue content = *catalogue, *c = &content;
    const CSR graph = *csr;
    const Market market = *platforms, *m = &market;
    const Rules constants = *rules, *r = &constants;
    const Events out = *events, *e = &out;
    int32_t item[LINE] = {0};
    Slate slate;
    memset(&slate, 0, sizeof slate);
    for (int64_t i = lo; i < hi; i++) {
        look_ahead(p, &graph, i + 2 < hi ? i + 2 : hi - 1);
        e->seconds[i] = p->seconds[i];
        e->listing[i] = -1;
        e->uses[i] = 0.0f;
        e->posts[i] = e->deep_seconds[i] = e->generated_seconds[i] = 0;
        e->deep[i] = 0;
        memset(e->spread + (i - lo) * e->spread_n, 0, e->spread_n * sizeof *e->spread);
        e->gained[i] = e->lost[i] = -1;
        e->shares[i] = 0;
        e->surplus[i] = NAN;
        for (int64_t s = 0; s < e->slate_n; s++) e->slate[i * e->slate_n + s] = -1;
        for (int64_t s = 0; s < e->calls_n; s++) e->calls[i * e->calls_n + s] = 0.0;
        uint64_t start = origin_of(key, (uint64_t)tick, p->uid[i]);
        double need = unit(start, D_NEED), pleasure = 0.0;
        int talks = 0, k = -1, at = -1, filled = 0;
        if (p->talk[i] > 0.0f) {
            int64_t served = pick4(p->needs + i * p->needs_n, p->needs_n, need);
            talks = unit(start, D_TALK) < p->talk[i] * m->talk[served];
        }
        e->talks[i] = (uint8_t)talks;
        if (!talks) k = choose_platform(p, i, m, r, need, unit(start, D_SCREEN), unit(start, D_PLATFORM));
        int32_t j = -1;
        if (k >= 0) {
            filled = fill_slate(p, i, k, c, &graph, m, r, tick, start, e, item);
            at = choose_item(p, i, k, c, m, r, start, e, item, filled, &slate);
        }
        for (int64_t g = 0; g < p->satiation_n; g++) p->satiation[i * p->satiation_n + g] *= r->satiation_kept;
        if (at >= 0) {
            j = e->slate[i * e->slate_n + at];
            expect_use(p, i, r, (filled + 7) & ~7, &slate);
            pleasure = use_item(p, i, j, c, r, slate.util[at], slate.fresh[at], slate.deep[at], start, e);
            if (r->spread) spread_use(i, i - lo, filled, c, r, start, e, item, &slate);
            else use_one(i, i - lo, at, c, r, e, item, &slate);
        }
        post_and_share(p, i, j, c, r, pleasure, start, e);
    }
}

/* Least work of a session's recall: its draws and its gathers, with nothing scored. No slate can be had for less.
 *
 * Reads each candidate's slot, item and card and sums them, so that nothing is left out as unused. `candidates` words
 * are drawn for everybody who has a session; returns the sum.
 */
double gather_sessions(int64_t lo, int64_t hi, int tick, uint64_t key, const Consumers *consumers,
                       const Catalogue *catalogue, const CSR *csr, const Market *platforms, const Rules *rules,
                       const Events *events) {
    const Consumers people = *consumers, *p = &people;
    const Catalogue content = *catalogue, *c = &content;
    const int64_t genres = p->affinity_n;
    int32_t item[LINE];
    double total = 0.0;
    (void)csr, (void)platforms, (void)rules;
    for (int64_t i = lo; i < hi; i++) {
        int32_t last = events->slate[i * events->slate_n];
        if (last < 0) continue;
        uint64_t start = origin_of(key, (uint64_t)tick, p->uid[i]);
        int64_t cell = c->platform[last] * genres, filled = 0;
        for (int64_t s = 0; s < events->slate_n; s++) {
            uint64_t word = mix(start + (uint64_t)(D_SLOT + TRIES * s) * GOLDEN);
            int64_t g = pick4(p->affinity + i * genres, genres, (word >> 20 & 0xFFFFF) * 0x1p-20);
            int32_t j = draw_listing(&c->serve, cell + g, fraction(mix(word + GOLDEN)));
            if (j < 0) continue;
            item[filled] = c->item[j];
            __builtin_prefetch(&c->cards[item[filled++]], 0, 3);
        }
        for (int64_t s = 0; s < filled; s++) total += c->cards[item[s]].appeal;
    }
    return total;
}
